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
import * as z from 'zod/mini';
import type { Address } from './address';
import { type CameraList, createCameraList } from './camera-list';
import { type Captures, createCaptures } from './captures';
import { type Clock, createClock } from './clock';
import { createDayStatistics, type DayStatistics } from './day-statistics';
import { type Filter, narrowings, sameFilter, wholeFilter } from './filter';
import { createImageList, type ImageList } from './image-list';
import type { LiveEvents } from './live-events';
import type { Image, LiveEvent, PageTurn } from './messages';
import { createOpenedImage, type OpenedImage } from './opened-image';
import { createSelection, type Selection } from './selection';
import { createSelectionWork, type SelectionWork } from './selection-work';
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
  selection: Selection;
  work: SelectionWork;
  fixedCamera: string;
  filter: ShallowRef<Filter>;
  /** The chosen camera, empty for all. */
  camera: Ref<string>;
  opened: OpenedImage;
  /** The cameras on the wall, none for all; null while there is no wall. */
  wall: ShallowRef<readonly string[] | null>;
  /** The cameras that can be looked at live here, by name. */
  liveCameras: Ref<readonly string[]>;
  /** The camera that is looked at live; null while none is. */
  live: Ref<string | null>;
  /** The stretch of time that is played as a film, in unix milliseconds; null while none is. */
  film: ShallowRef<{ from: number; to: number } | null>;
  /** Which way a flow has turned the page of the grid: another object each time. */
  turned: ShallowRef<{ to: PageTurn } | null>;
  /** True while the grid is scrolled so fast that what passes by is not worth asking for. */
  passing: Ref<boolean>;
  /** Since when (unix milliseconds) the live events are missing; null while they come. */
  lostSince: Ref<number | null>;
  /** A line for people, empty if there is nothing to say. */
  notice: Ref<string>;
  /** Shows what this filter leaves. */
  narrow(filter: Filter): void;
  choose(camera: string): void;
  /** Says which capture time (unix milliseconds) the grid stands at. */
  stands(time: number): void;
  open(id: string): void;
  close(): void;
  /** Puts these cameras on the wall, none for all; null takes the wall down. */
  hang(cameras: readonly string[] | null): void;
  /** Opens a camera's live picture; null closes it. */
  lookLive(camera: string | null): void;
  keep(image: Image): Promise<void>;
  remove(image: Image): Promise<void>;
  capture(): Promise<void>;
  /** Runs something that can fail, and tells people if it does. */
  attempt(action: () => Promise<unknown>): Promise<void>;
}

const unreadableWords =
  'The gallery sent something that this page does not understand. Reload it: it may be an old one.';

/** How long to wait before the server is asked again that did not answer. */
const retryMilliseconds = 3000;

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
  const filter = shallowRef(wholeFilter(fixedCamera));
  const wall: Gallery['wall'] = shallowRef(null);
  const live = ref<string | null>(null);
  const film: Gallery['film'] = shallowRef(null);
  const turned: Gallery['turned'] = shallowRef(null);
  const passing = ref(false);
  const camera = computed(() => filter.value.camera);

  const list = createImageList(server);
  const opened = createOpenedImage(server, list, clock);
  const cameras = createCameraList(server, clock);
  const liveCameras = computed(() =>
    cameras.cameras.value.flatMap((one) => (one.live && ['', one.name].includes(fixedCamera) ? [one.name] : [])),
  );
  const statistics = createDayStatistics(server, list, report);
  const captures = createCaptures(server, tell);
  const selection = createSelection();
  const work = createSelectionWork({ server, list, selection, tell, did, left });

  let noticeTimer: ReturnType<typeof setTimeout> | undefined;
  function tell(text: string): void {
    notice.value = text;
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(() => {
      notice.value = '';
    }, 8000);
  }

  /** An absent answer shows as the line "connection lost" until one comes; all else is said. */
  let retry: ReturnType<typeof setTimeout> | undefined;
  function report(error: unknown): void {
    if (error instanceof ServerError && error.status === 0) {
      lostSince.value ??= clock.now.value;
      clearTimeout(retry);
      retry = setTimeout(() => void attempt(tryAgain), retryMilliseconds);
    } else if (error instanceof ServerError) {
      if (!standsInGrid(error)) tell(error.message);
    } else {
      console.error(error);
      const unreadable = error instanceof SyntaxError || error instanceof z.core.$ZodError;
      tell(unreadable ? unreadableWords : `That did not work: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Whether it is said, or will be said, in the grid's place. */
  function standsInGrid({ status, message }: ServerError): boolean {
    if (list.status.value === 'loading') return [401, 403].includes(status);
    return list.status.value === 'failed' && list.failure.value?.message === message;
  }

  async function tryAgain(): Promise<void> {
    await cameras.load();
    // While the live events are missing too, their return tells.
    if (streaming) hasConnected(true);
  }

  let streaming = false;
  function hasConnected(connected: boolean): void {
    streaming = connected;
    if (!connected) lostSince.value ??= clock.now.value;
    else {
      lostSince.value = null;
      refresh();
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
        opened.changed(event.image);
        break;
      case 'deleted':
        left(event.id);
        break;
      case 'failed':
        if (captures.answered(event.transaction)) tell(`${event.camera}: ${event.message}`);
        break;
      case 'availability':
        void attempt(cameras.load);
        break;
      case 'filter':
        narrow(event.filter);
        break;
      case 'open':
        if (event.id === null) close();
        else reveal(event.id);
        break;
      case 'page':
        turn(event.to);
        break;
      case 'reset':
        refresh();
    }
  }

  function left(id: string): void {
    opened.gone(id, 'deleted');
    list.remove(id);
    selection.drop(id);
    void attempt(() => cameras.gone(id));
    statistics.changed(startOfDay(Number(id.split(':')[1])));
  }

  function refresh(): void {
    void attempt(list.refresh);
    void attempt(cameras.load);
    statistics.changed(startOfDay(clock.now.value));
  }

  function narrow(chosen: Filter): void {
    change({ ...chosen, camera: fixedCamera || chosen.camera });
    address.write({ filter: filter.value, image: null, wall: wall.value });
    begin();
  }

  function change(chosen: Filter): void {
    // What is no longer shown should not be deleted by somebody who has forgotten that it is selected.
    if (!sameFilter(chosen, filter.value)) selection.clear();
    filter.value = chosen;
  }

  function begin(at?: number): void {
    statistics.choose(camera.value, narrowings(filter.value) > 0);
    void attempt(() => list.open(filter.value, at));
  }

  function open(id: string): void {
    const image = list.timeline.value.at(list.timeline.value.indexOf(id));
    if (image === undefined) return;
    const view = { filter: filter.value, image: id, wall: null };
    if (opened.image.value === null) address.open(view);
    else address.write(view);
    opened.show(image);
    did({ action: 'opened', id, camera: image.camera });
  }

  /** Opens an image that may not be loaded, because a flow says so. */
  function reveal(id: string): void {
    const view = { filter: filter.value, image: id, wall: null };
    if (opened.image.value === null) address.open(view);
    else address.write(view);
    void attempt(() => opened.find(id));
  }

  /** With an image open its neighbour is opened; else the grid turns its page. */
  function turn(to: PageTurn): void {
    const here = opened.image.value;
    if (here === null) turned.value = { to };
    else void attempt(() => turnFrom(here, to));
  }

  async function turnFrom(here: Image, to: PageTurn): Promise<void> {
    const place = list.timeline.value.indexOf(here.id) + (to === 'newer' ? -1 : 1);
    const image = await list.image(to === 'newest' ? 0 : place);
    if (image !== undefined && image.id !== here.id) reveal(image.id);
  }

  function close(): void {
    opened.show(null);
    address.close({ filter: filter.value, image: null, wall: null });
  }

  function hang(names: readonly string[] | null): void {
    const view = { filter: filter.value, image: null, wall: names };
    if (names === null) address.close(view);
    else if (wall.value === null) address.open(view);
    else address.write(view);
    wall.value = names;
  }

  function lookLive(name: string | null): void {
    const view = { filter: filter.value, image: null, wall: null, live: name };
    if (name === null) address.close(view);
    else if (live.value === null) address.open(view);
    else address.write(view);
    live.value = name;
  }

  /** Follows the address: at the start, and after Back. */
  async function arrive(first: boolean): Promise<void> {
    const view = address.read();
    const chosen = { ...view.filter, camera: fixedCamera || view.filter.camera };
    if (first || !sameFilter(chosen, filter.value)) {
      change(chosen);
      begin(first ? address.place() : undefined);
    }
    wall.value = view.wall;
    live.value = view.live ?? null;
    if (view.image === null) opened.show(null);
    else if (view.image !== opened.image.value?.id) await opened.find(view.image);
  }

  /** Images go where they are the oldest. */
  async function forgetExpired(now: number): Promise<void> {
    const before = list.timeline.value;
    list.expire(now);
    await list.recount();
    const after = list.timeline.value;
    if (after.length !== before.length) statistics.changed(startOfDay(before.timeAt(before.length - 1)));
  }

  let lastAsked = 0;
  watch(clock.now, (now) => {
    const image = opened.image.value;
    if (image?.expiresAt != null && image.expiresAt <= now) opened.gone(image.id, 'expired');
    void attempt(() => forgetExpired(now));
    const expired = cameras.cameras.value.find(({ latest }) => latest?.expiresAt != null && latest.expiresAt <= now);
    // Once a minute at most: the server may still tell of it, when the clocks differ a little.
    if (expired?.latest != null && now - lastAsked > 60_000) {
      lastAsked = now;
      void attempt(cameras.load);
    }
  });

  liveEvents.start({ event: heard, connected: hasConnected, problem: report });
  const unfollow = address.follow(() => void attempt(() => arrive(false)));
  void attempt(cameras.load);
  void attempt(() => arrive(true));
  onScopeDispose(() => {
    liveEvents.stop();
    unfollow();
    clearTimeout(noticeTimer);
    clearTimeout(retry);
  });

  return {
    server,
    clock,
    list,
    cameras,
    statistics,
    captures,
    selection,
    work,
    fixedCamera,
    filter,
    camera,
    opened,
    wall,
    liveCameras,
    live,
    film,
    turned,
    passing,
    lostSince,
    notice,
    narrow,
    choose: (chosen) => narrow({ ...filter.value, camera: chosen }),
    stands: (time) => address.stand(time === 0 || time === list.timeline.value.timeAt(0) ? undefined : time),
    open,
    close,
    hang,
    lookLive,
    attempt,
    async keep(image) {
      const kept = image.expiresAt === null;
      await (kept ? server.unpin(image.id) : server.pin(image.id));
      did({ action: kept ? 'unpinned' : 'pinned', id: image.id, camera: image.camera });
    },
    async remove(image) {
      await server.remove(image.id);
      did({ action: 'deleted', id: image.id, camera: image.camera });
      left(image.id);
    },
    async capture() {
      const online = cameras.cameras.value.filter((one) => one.available !== false).map((one) => one.name);
      const asked = camera.value === '' ? online : [camera.value];
      did({ action: 'capture', ...(camera.value !== '' && { camera: camera.value }) });
      await captures.ask(asked);
    },
  };
}
