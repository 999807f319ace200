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
import { type Filter, narrowings, sameFilter, wholeFilter } from './filter';
import { createImageList, type ImageList } from './image-list';
import type { LiveEvents } from './live-events';
import type { Image, LiveEvent } from './messages';
import { createOpenedImage, type OpenedImage } from './opened-image';
import { createProblems, type Problems } from './problems';
import { createSelection, type Selection } from './selection';
import { createSelectionWork, type SelectionWork } from './selection-work';
import type { GalleryServer, ServerError } from './server';
import { createViews, type Views } from './views';
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
export interface Gallery
  extends Pick<Problems, 'notice' | 'away' | 'lostSince' | 'attempt'>,
    Pick<Views, 'wall' | 'live' | 'turned' | 'open' | 'close' | 'hang' | 'lookLive'> {
  server: GalleryServer;
  clock: Clock;
  list: ImageList;
  cameras: CameraList;
  statistics: DayStatistics;
  captures: Captures;
  selection: Selection;
  work: SelectionWork;
  opened: OpenedImage;
  fixedCamera: string;
  filter: ShallowRef<Filter>;
  /** The chosen camera, empty for all. */
  camera: Ref<string>;
  /** The cameras that can be looked at live here, by name. */
  liveCameras: Ref<readonly string[]>;
  /** The stretch of time that is played as a film, in unix milliseconds; null while none is. */
  film: ShallowRef<{ from: number; to: number } | null>;
  /** True while the grid is scrolled so fast that what passes by is not worth asking for. */
  passing: Ref<boolean>;
  /** Shows what this filter leaves. */
  narrow(filter: Filter): void;
  choose(camera: string): void;
  /** Says which capture time (unix milliseconds) the grid stands at. */
  stands(time: number): void;
  keep(image: Image): Promise<void>;
  remove(image: Image): Promise<void>;
  capture(): Promise<void>;
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
  const problems = createProblems({ clock, saysItself: standsInGrid, ask: () => cameras.load(), returned: refresh });
  const { tell, attempt } = problems;
  const filter = shallowRef(wholeFilter(fixedCamera));
  const film: Gallery['film'] = shallowRef(null);
  const passing = ref(false);
  const camera = computed(() => filter.value.camera);

  const list = createImageList(server);
  const opened = createOpenedImage(server, list, clock);
  const views = createViews({ address, list, opened, filter, did, attempt });
  const cameras = createCameraList(server, clock);
  const liveCameras = computed(() =>
    cameras.cameras.value.flatMap((one) => (one.live && ['', one.name].includes(fixedCamera) ? [one.name] : [])),
  );
  const statistics = createDayStatistics(server, list, problems.report);
  const captures = createCaptures(server, tell);
  const selection = createSelection();
  const work = createSelectionWork({ server, list, selection, tell, did, left });

  /** Whether it is said, or will be said, in the grid's place. */
  function standsInGrid({ status, message, code }: ServerError): boolean {
    if (list.status.value === 'loading') return [401, 403].includes(status);
    const failure = list.status.value === 'failed' ? list.failure.value : null;
    return failure !== null && (failure.message === message || (code !== '' && failure.code === code));
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
      // The answer says why nothing can be seen.
      case 'unavailable':
        void attempt(cameras.load);
        break;
      case 'filter':
        narrow(event.filter);
        break;
      case 'open':
        if (event.id === null) views.close();
        else views.reveal(event.id);
        break;
      case 'page':
        views.turn(event.to);
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
    void attempt(opened.check);
    statistics.changed(startOfDay(clock.now.value));
  }

  function narrow(chosen: Filter): void {
    change({ ...chosen, camera: fixedCamera || chosen.camera });
    address.write({ filter: filter.value, image: null, wall: views.wall.value });
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

  /** Follows the address: at the start, and after Back. */
  async function arrive(first: boolean): Promise<void> {
    const view = address.read();
    const chosen = { ...view.filter, camera: fixedCamera || view.filter.camera };
    if (first || !sameFilter(chosen, filter.value)) {
      change(chosen);
      begin(first ? address.place() : undefined);
    }
    await views.follow(view);
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

  liveEvents.start({ event: heard, connected: problems.connected, problem: problems.report });
  const unfollow = address.follow(() => void attempt(() => arrive(false)));
  void attempt(cameras.load);
  void attempt(() => arrive(true));
  onScopeDispose(() => {
    liveEvents.stop();
    unfollow();
    problems.stop();
  });

  return {
    ...problems,
    ...views,
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
    liveCameras,
    film,
    passing,
    narrow,
    choose: (chosen) => narrow({ ...filter.value, camera: chosen }),
    stands: (time) => address.stand(time === 0 || time === list.timeline.value.timeAt(0) ? undefined : time),
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
