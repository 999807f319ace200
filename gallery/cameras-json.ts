import { cameraNameSchema } from '../core/image';
import { indexFacts } from '../core/index-facts';
import { liveCameras } from '../core/live-offers';
import type { Warning } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import type { Gallery, Permissions } from './gallery';
import { type ImageJson, imageJson } from './image-json';

/** The answer of `api/cameras`. */
export interface CamerasJson {
  cameras: {
    camera: string;
    /** How many entries its index has: some of them may have expired within the last minute. */
    images: number;
    latest: ImageJson | null;
    /** Null if nobody knows. */
    available: boolean | null;
    /** What its agent warns of. */
    warnings: Warning[];
    /** Whether it can be looked at live. */
    live: boolean;
  }[];
  /** What a visitor may do and this gallery can. */
  actions: Permissions;
  /** Redis' clock in unix milliseconds: the one that images expire by. */
  now: number;
}

/** The cameras of a store, without names that somebody else has written there. Throws as {@link camerasJson} does. */
export async function cameraNames(store: RedisImageStore): Promise<string[]> {
  return (await store.cameras()).filter((name) => cameraNameSchema.safeParse(name).success);
}

/** Throws a LuxcamError `store_unavailable`. */
export async function camerasJson({ store, permissions, control }: Gallery): Promise<CamerasJson> {
  const names = await cameraNames(store);
  const live = await liveCameras(store.connection, names);
  const cameras = await Promise.all(
    names.map(async (camera) => {
      const [{ images }, { images: newest }] = await Promise.all([
        indexFacts(store, camera),
        store.list({ cameras: [camera], limit: 1, total: false }),
      ]);
      const latest = newest[0] === undefined ? null : imageJson(newest[0]);
      const available = control?.available(camera) ?? null;
      const warnings = control?.warnings?.(camera) ?? [];
      return { camera, images, latest, available, live: live.has(camera), warnings };
    }),
  );
  return {
    cameras,
    actions: { ...permissions, capture: permissions.capture && control !== null },
    now: Math.round(Date.now() + store.connection.clockOffset),
  };
}
