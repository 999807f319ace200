import { type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import type { Clock } from './clock';
import type { ImageList } from './image-list';
import type { Image } from './messages';
import { type GalleryServer, ServerError } from './server';

/** The image in the large view. */
export interface OpenedImage {
  /** The image, also when it has gone meanwhile; null if none is open. */
  image: ShallowRef<Image | null>;
  /** Why it can't be seen any more; null while it can. */
  goneBecause: Ref<'expired' | 'deleted' | 'missing' | null>;
  show(image: Image | null): void;
  /** Shows the image that a link names. Throws a ServerError if the server does not answer; absence is shown. */
  find(id: string): Promise<void>;
  /** Asks what has become of the open image, if one is. Throws a ServerError if nobody answers. */
  check(): Promise<void>;
  /** The image has become this: it was pinned, for example. */
  changed(image: Image): void;
  gone(id: string, reason: 'expired' | 'deleted'): void;
}

/** No image opened yet. */
export function createOpenedImage(server: GalleryServer, list: ImageList, clock: Clock): OpenedImage {
  const image: OpenedImage['image'] = shallowRef(null);
  const goneBecause: OpenedImage['goneBecause'] = ref(null);

  function show(shown: Image | null): void {
    image.value = shown;
    const expired = shown?.expiresAt != null && shown.expiresAt <= clock.now.value;
    goneBecause.value = expired ? 'expired' : null;
  }

  function changed(now: Image): void {
    if (image.value?.id === now.id) image.value = now;
  }

  return {
    image,
    goneBecause,
    show,
    async find(id) {
      try {
        show(list.timeline.value.at(list.timeline.value.indexOf(id)) ?? (await server.image(id)));
      } catch (error) {
        if (!isAbsence(error)) throw error;
        show(missingImage(id));
        goneBecause.value = 'missing';
      }
    },
    async check() {
      const id = image.value?.id;
      if (id === undefined) return;
      try {
        changed(await server.image(id));
      } catch (error) {
        if (!isAbsence(error)) throw error;
        if (image.value?.id === id) goneBecause.value ??= 'missing';
      }
    },
    changed,
    gone(id, reason) {
      if (image.value?.id === id) goneBecause.value ??= reason;
    },
  };
}

/** Whether the server has no such image, or says that there can be none. */
function isAbsence(error: unknown): boolean {
  return error instanceof ServerError && [400, 404].includes(error.status);
}

/** What an id alone says about an image: nothing, if it is none. */
function missingImage(id: string): Image {
  const [, camera = '', time = ''] = /^([a-z0-9][a-z0-9_-]{0,63}):(\d{1,15})$/.exec(id) ?? [];
  return {
    id,
    camera,
    capturedAt: Number(time),
    expiresAt: null,
    ttl: null,
    size: 0,
    width: null,
    height: null,
    lux: null,
    sequence: 0,
    trigger: '',
    triggerSource: '',
    meta: {},
  };
}
