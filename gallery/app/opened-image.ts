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

  return {
    image,
    goneBecause,
    show,
    async find(id) {
      try {
        show(list.timeline.value.at(list.timeline.value.indexOf(id)) ?? (await server.image(id)));
      } catch (error) {
        if (!(error instanceof ServerError) || ![400, 404].includes(error.status)) throw error;
        show(missingImage(id));
        goneBecause.value = 'missing';
      }
    },
    changed(changed) {
      if (image.value?.id === changed.id) image.value = changed;
    },
    gone(id, reason) {
      if (image.value?.id === id) goneBecause.value ??= reason;
    },
  };
}

/** What an id alone says about an image. */
function missingImage(id: string): Image {
  const [camera = '', time = ''] = id.split(':');
  return {
    id,
    camera,
    capturedAt: Number(time) || 0,
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
