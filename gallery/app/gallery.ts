import {
  computed,
  type InjectionKey,
  inject,
  onScopeDispose,
  type Ref,
  ref,
  type ShallowRef,
  shallowRef,
  watch,
} from 'vue';
import type { Address } from './address';
import { type CameraList, createCameraList } from './camera-list';
import { type Captures, createCaptures } from './captures';
import { type Clock, createClock } from './clock';
import { createDayStatistics, type DayStatistics } from './day-statistics';
import { createImageList, type ImageList } from './image-list';
import type { LiveEvents } from './live-events';
import type { Image, LiveEvent } from './messages';
import { type GalleryServer, ServerError } from './server';
import { startOfDay } from './words';

/** Something a person did, as the widget's node is told. */
export type Deed = { action: 'opened' | 'pinned' | 'unpinned' | 'deleted' | 'capture'; id?: string; camera?: string };

/** What a gallery is made of; page and widget differ in nothing else. */
export interface GallerySource {
  server: GalleryServer;
  liveEvents: LiveEvents;
  address: Address;
  /** A camera that the gallery is bound to, or empty. */
  fixedCamera: string;
  did(deed: Deed): void;
}

/** All that a gallery knows, and what can be done in it. */
export interface Gallery {
  server: GalleryServer;
  clock: Clock;
  list: ImageList;
  cameras: CameraList;
  statistics: DayStatistics;
  captures: Captures;
  fixedCamera: string;
  /** The chosen camera, empty for all. */
  camera: Ref<string>;
  /** The image in the large view, also when it has gone meanwhile. */
  opened: ShallowRef<Image | null>;
  /** Why the opened image can't be seen any more; null while it can. */
  goneBecause: Ref<'expired' | 'deleted' | 'missing' | null>;
  /** Since when (unix milliseconds) the live events are missing; null while they come. */
  lostSince: Ref<number | null>;
  /** A line for people, empty if there is nothing to say. */
  notice: Ref<string>;
  choose(camera: string): void;
  travel(time: number): void;
  open(id: string): void;
  close(): void;
  keep(image: Image): Promise<void>;
  remove(image: Image): Promise<void>;
  capture(): Promise<void>;
  /** Runs something that can fail, and tells people if it does. */
  attempt(action: () => Promise<unknown>): Promise<void>;
}

/** Under which Gallery.vue provides its gallery. */
export const galleryKey: InjectionKey<Gallery> = Symbol('gallery');

/** The gallery that the surrounding component has provided. */
export function useGallery(): Gallery {
  const gallery = inject(galleryKey);
  if (gallery === undefined) throw new Error('useGallery is for components within Gallery.vue');
  return gallery;
}

/** Puts a gallery together and keeps it up to date until the surrounding scope ends. */
export function createGallery({ server, liveEvents, address, fixedCamera, did }: GallerySource): Gallery {
  const clock = createClock();
  const notice = ref('');
  const lostSince = ref<number | null>(null);
  const camera = ref(fixedCamera);
  const opened = shallowRef<Image | null>(null);
  const goneBecause: Gallery['goneBecause'] = ref(null);

  const list = createImageList(server);
  const cameras = createCameraList(server, clock);
  const statistics = createDayStatistics(server, report);
  const captures = createCaptures(server, tell);

  let noticeTimer: ReturnType<typeof setTimeout> | undefined;
  function tell(text: string): void {
    notice.value = text;
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(() => {
      notice.value = '';
    }, 8000);
  }

  /** An absent answer shows as the line "connection lost"; all else is said. */
  function report(error: unknown): void {
    if (error instanceof ServerError && error.status === 0) lostSince.value ??= clock.now.value;
    else if (error instanceof ServerError) tell(error.message);
    else {
      console.error(error);
      tell('The gallery sent something this page does not understand. Reload the page: it may be an old one.');
    }
  }

  async function attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      report(error);
    }
  }

  function heard(event: LiveEvent): void {
    switch (event.kind) {
      case 'captured':
        list.add(event.image);
        cameras.captured(event.image);
        statistics.changed(startOfDay(event.image.capturedAt));
        captures.answered(event.transaction);
        break;
      case 'changed':
        list.change(event.image);
        if (opened.value?.id === event.image.id) opened.value = event.image;
        break;
      case 'deleted':
        left(event.id, 'deleted');
        break;
      case 'failed':
        if (captures.answered(event.transaction)) tell(`${event.camera}: ${event.message}`);
        break;
      case 'availability':
        void attempt(cameras.load);
        break;
      case 'filter':
        if (event.camera !== camera.value) choose(event.camera);
        break;
      case 'reset':
        refresh();
    }
  }

  function left(id: string, reason: 'expired' | 'deleted'): void {
    if (opened.value?.id === id) goneBecause.value ??= reason;
    list.remove(id);
    void attempt(() => cameras.gone(id));
    statistics.changed(startOfDay(Number(id.split(':')[1])));
  }

  function refresh(): void {
    void attempt(list.refresh);
    void attempt(cameras.load);
    statistics.changed(startOfDay(clock.now.value));
  }

  function choose(chosen: string): void {
    camera.value = fixedCamera || chosen;
    address.write({ camera: camera.value, image: null });
    begin();
  }

  function begin(): void {
    statistics.choose(camera.value);
    void attempt(() => list.open(camera.value));
  }

  function show(image: Image): void {
    opened.value = image;
    const expired = image.expiresAt !== null && image.expiresAt <= clock.now.value;
    goneBecause.value = expired ? 'expired' : null;
  }

  function open(id: string): void {
    const image = list.images.value[list.indexOf(id)];
    if (image === undefined) return;
    const view = { camera: camera.value, image: id };
    if (opened.value === null) address.open(view);
    else address.write(view);
    show(image);
    did({ action: 'opened', id, camera: image.camera });
  }

  function close(): void {
    opened.value = null;
    address.close({ camera: camera.value, image: null });
  }

  /** Follows the address: at the start, and after Back. */
  async function arrive(first: boolean): Promise<void> {
    const view = address.read();
    const chosen = fixedCamera || view.camera;
    if (first || chosen !== camera.value) {
      camera.value = chosen;
      begin();
    }
    if (view.image === null) {
      opened.value = null;
    } else if (view.image !== opened.value?.id) await arriveAt(view.image);
  }

  async function arriveAt(id: string): Promise<void> {
    const [ofCamera = '', time = ''] = id.split(':');
    try {
      show(list.images.value[list.indexOf(id)] ?? (await server.image(id)));
    } catch (error) {
      if (!(error instanceof ServerError) || ![400, 404].includes(error.status)) throw error;
      opened.value = missingImage(id, ofCamera, Number(time));
      goneBecause.value = 'missing';
    }
  }

  watch(clock.now, (now) => {
    const image = opened.value;
    if (image?.expiresAt != null && image.expiresAt <= now) goneBecause.value ??= 'expired';
    const before = list.images.value;
    list.expire(now);
    if (before !== list.images.value) statistics.changed(startOfDay(before.at(-1)?.capturedAt ?? now));
    const expired = cameras.cameras.value.find(({ latest }) => latest?.expiresAt != null && latest.expiresAt <= now);
    // Once a minute at most: the server may still tell of it, when the clocks differ a little.
    if (expired?.latest != null && now - lastAsked > 60_000) {
      lastAsked = now;
      void attempt(cameras.load);
    }
  });
  let lastAsked = 0;

  liveEvents.start({
    event: heard,
    connected(connected) {
      if (!connected) lostSince.value ??= clock.now.value;
      else {
        lostSince.value = null;
        refresh();
      }
    },
  });
  const unfollow = address.follow(() => void attempt(() => arrive(false)));
  void attempt(cameras.load);
  void attempt(() => arrive(true));
  onScopeDispose(() => {
    liveEvents.stop();
    unfollow();
    clearTimeout(noticeTimer);
  });

  return {
    server,
    clock,
    list,
    cameras,
    statistics,
    captures,
    fixedCamera,
    camera,
    opened,
    goneBecause: computed(() => (opened.value === null ? null : goneBecause.value)),
    lostSince,
    notice,
    choose,
    travel: (time) => void attempt(() => list.open(camera.value, time)),
    open,
    close,
    attempt,
    async keep(image) {
      const kept = image.expiresAt === null;
      await (kept ? server.unpin(image.id) : server.pin(image.id));
      did({ action: kept ? 'unpinned' : 'pinned', id: image.id, camera: image.camera });
    },
    async remove(image) {
      await server.remove(image.id);
      did({ action: 'deleted', id: image.id, camera: image.camera });
      left(image.id, 'deleted');
    },
    async capture() {
      const online = cameras.cameras.value.filter((one) => one.available !== false).map((one) => one.name);
      const asked = camera.value === '' ? online : [camera.value];
      did({ action: 'capture', ...(camera.value !== '' && { camera: camera.value }) });
      await captures.ask(asked);
    },
  };
}

/** What an id alone says about an image. */
function missingImage(id: string, camera: string, capturedAt: number): Image {
  return {
    id,
    camera,
    capturedAt: Number.isFinite(capturedAt) ? capturedAt : 0,
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
