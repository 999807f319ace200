import { type ComputedRef, computed, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import type { Clock } from './clock';
import type { Actions, Camera, Image, Warning } from './messages';
import type { GalleryServer } from './server';

/** The cameras, their newest images, and what the owner allows. */
export interface CameraList {
  cameras: ShallowRef<readonly Camera[]>;
  actions: ShallowRef<Actions>;
  /** What the agents warn of; what several cameras say in the same words once. */
  warnings: ComputedRef<Warning[]>;
  /** False until the server has told its cameras. */
  known: Ref<boolean>;
  load(): Promise<void>;
  captured(image: Image): void;
  /** An image has gone; if it was the newest of its camera, the cameras are asked for again. */
  gone(id: string): Promise<void>;
}

/** The cameras of this server, which also sets the clock. */
export function createCameraList(server: GalleryServer, clock: Clock): CameraList {
  const cameras: CameraList['cameras'] = shallowRef([]);
  const actions: CameraList['actions'] = shallowRef({ capture: false, pin: false, delete: false });
  const known = ref(false);

  async function load(): Promise<void> {
    const answer = await server.cameras();
    clock.set(answer.now);
    cameras.value = answer.cameras.sort((a, b) => (a.name < b.name ? -1 : 1));
    actions.value = answer.actions;
    known.value = true;
  }

  const warnings = computed(() => {
    const all = cameras.value.flatMap((camera) => camera.warnings);
    return [...new Map(all.map((warning) => [warning.kind + warning.message, warning])).values()];
  });

  return {
    cameras,
    actions,
    warnings,
    known,
    load,
    captured(image) {
      // Until the server has told its cameras, there is nothing to add to: they would only jump into their order then.
      if (!known.value) return;
      const before = cameras.value.find((camera) => camera.name === image.camera);
      if (before === undefined) {
        cameras.value = [
          ...cameras.value,
          { name: image.camera, images: 1, latest: image, available: null, live: false, warnings: [] },
        ];
        return;
      }
      const newer = (before.latest?.capturedAt ?? 0) < image.capturedAt;
      const after = { ...before, images: before.images + 1, latest: newer ? image : before.latest };
      cameras.value = cameras.value.map((camera) => (camera === before ? after : camera));
    },
    async gone(id) {
      if (cameras.value.some((camera) => camera.latest?.id === id)) await load();
    },
  };
}
