import { type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import { type Filter, matches, narrowings, wholeFilter } from './filter';
import { createImageLoader, type Range } from './image-loader';
import type { Image } from './messages';
import { type GalleryServer, ServerError } from './server';
import { merge } from './sorted-images';
import { type Count, stepLength } from './stretch';
import { Timeline } from './timeline';

/** How many images the first request asks for: what can be seen at once. */
const firstLimit = 120;
/** How long the numbers of what is not loaded are believed, in milliseconds; where counting is slow, so many times longer. */
const recountMilliseconds = 60_000;
const recountRest = 50;

/**
 * The images of a filter from the newest to the oldest. The newest are loaded at once, the others are counted, so that
 * all have their places, and are loaded where somebody looks at them. It follows the live events.
 */
export interface ImageList {
  timeline: ShallowRef<Timeline>;
  status: Ref<'loading' | 'ready' | 'failed'>;
  /** Why the images could not be loaded; null if the server gave no reason. */
  failure: ShallowRef<ServerError | null>;
  /** Whether all images have been counted: until then only the newest are known of. */
  complete: Ref<boolean>;
  /** Newer images that wait until nobody looks at older ones. */
  held: ShallowRef<readonly Image[]>;
  /** The times that the list was begun anew: what was looked at is gone then. `at`: where to look, the newest if absent. */
  beginning: ShallowRef<{ at?: number }>;
  /** Begins anew, at the newest image or at a time in unix milliseconds. */
  open(filter: Filter, at?: number): Promise<void>;
  /** Loads what somebody (`who`) looks at, the most important first. */
  look(who: string, ranges: readonly Range[]): Promise<void>;
  /** Nobody of that name looks any more. */
  lookAway(who: string): void;
  /** The image at a place, or the last one before it, loaded if it has to be; undefined if there is none. */
  image(index: number): Promise<Image | undefined>;
  /** Asks again for what is looked at, because live events may have been missed. */
  refresh(): Promise<void>;
  /** Counts again what is not loaded, if it is time for that. */
  recount(): Promise<void>;
  /** All images between two times (unix milliseconds), newest first, whether they are loaded or not. */
  pages(from: number, to: number): AsyncGenerator<Image[]>;
  /** Whether new images have to wait, because somebody looks at older ones. */
  hold(held: boolean): void;
  add(image: Image): void;
  change(image: Image): void;
  remove(id: string): void;
  /** Takes out what has expired by `now`, in unix milliseconds. */
  expire(now: number): void;
}

/** An empty list of the images of this server. */
export function createImageList(server: GalleryServer): ImageList {
  const timeline = shallowRef(new Timeline());
  const held = shallowRef<readonly Image[]>([]);
  const status: ImageList['status'] = ref('loading');
  const failure: ImageList['failure'] = shallowRef(null);
  const complete = ref(false);
  const beginning: ImageList['beginning'] = shallowRef({});
  const removed = new Set<string>();
  const askedNow = new Set<{ came: readonly Image[] }>();
  let filter = wholeFilter();
  let holding = false;
  let recountDue = Number.POSITIVE_INFINITY;
  const loader = createImageLoader({
    timeline,
    beginning,
    read: (from, to) => readAll(from, to),
    count: (from, to, minutes) => server.counts(filter, { from, to, minutes }),
  });

  let opening: Promise<void> = Promise.resolve();
  function open(chosen: Filter, at?: number): Promise<void> {
    const opened = begin(chosen, at);
    // Who opened it is told what went wrong; who waits for its end is not.
    opening = opened.catch(() => undefined);
    return opened;
  }

  async function begin(chosen: Filter, at?: number): Promise<void> {
    filter = chosen;
    const began = { at };
    beginning.value = began;
    timeline.value = new Timeline();
    held.value = [];
    status.value = 'loading';
    complete.value = false;
    holding = false;
    recountDue = Number.POSITIVE_INFINITY;
    try {
      await loadNewest(began);
      if (at === undefined && began === beginning.value) status.value = 'ready';
      if (!complete.value) await count(began);
      if (began === beginning.value) status.value = 'ready';
    } catch (error) {
      if (began === beginning.value && status.value === 'loading') {
        status.value = 'failed';
        failure.value = error instanceof ServerError ? error : null;
      }
      throw error;
    }
  }

  /** Loads the newest images. If nothing is older than they are, the list is complete. */
  async function loadNewest(began: object): Promise<void> {
    const { answer: page, came } = await asking(server.images(filter, { limit: firstLimit }));
    // Somebody may have chosen another filter meanwhile.
    if (began !== beginning.value) return;
    // The page may end between images of the same millisecond.
    const from = page.next === null ? 0 : (page.images.at(-1)?.capturedAt ?? 0) + 1;
    const images = withoutRemoved(merge(page.images, came)).filter(({ capturedAt }) => capturedAt >= from);
    const newest = timeline.value.at(0)?.capturedAt ?? Number.NEGATIVE_INFINITY;
    const isNew = (image: Image) => holding && image.capturedAt > newest && timeline.value.indexOf(image.id) === -1;
    held.value = merge(held.value, images.filter(isNew));
    const shown = images.filter((image) => !isNew(image));
    timeline.value = timeline.value.fill(from, Number.POSITIVE_INFINITY, shown);
    complete.value ||= page.next === null;
  }

  async function count(began: object): Promise<void> {
    const asked = performance.now();
    const counts = await server.counts(filter, { minutes: stepLength / 60_000 });
    if (began !== beginning.value) return;
    // What is newer than the newest image is told live.
    const upTo = timeline.value.at(0)?.capturedAt ?? Number.POSITIVE_INFINITY;
    const waiting = ({ start }: Count) =>
      held.value.filter(({ capturedAt }) => capturedAt >= start && capturedAt < start + stepLength).length;
    const shown = counts.map((told) => ({ ...told, images: told.images - waiting(told) }));
    timeline.value = timeline.value.count(shown, upTo);
    complete.value = true;
    const answered = performance.now();
    recountDue = answered + Math.max(recountMilliseconds, recountRest * (answered - asked));
  }

  async function* pages(from: number, to: number): AsyncGenerator<Image[]> {
    for await (const images of server.pages(filter, { from, to })) yield withoutRemoved(images);
  }

  async function readAll(from: number, to: number): Promise<Image[]> {
    const read = async () => {
      const found: Image[] = [];
      for await (const images of server.pages(filter, { from, to })) found.push(...images);
      return found;
    };
    const { answer, came } = await asking(read());
    const within = came.filter(({ capturedAt }) => capturedAt >= from && capturedAt <= to);
    return withoutRemoved(merge(answer, within));
  }

  /** Waits for an answer, and takes down what has come meanwhile: it may be missing in it. */
  async function asking<T>(request: Promise<T>): Promise<{ answer: T; came: readonly Image[] }> {
    const asked: { came: readonly Image[] } = { came: [] };
    askedNow.add(asked);
    try {
      const answer = await request;
      return { answer, came: asked.came };
    } finally {
      askedNow.delete(asked);
    }
  }

  /** What was removed while it was on its way is not shown again. */
  function withoutRemoved(images: readonly Image[]): Image[] {
    return images.filter((image) => !removed.has(image.id));
  }

  async function refresh(): Promise<void> {
    await opening;
    if (status.value === 'failed') return open(filter, beginning.value.at);
    if (status.value !== 'ready') return;
    const began = beginning.value;
    timeline.value = timeline.value.map((stretch) => (stretch.images === null ? stretch : { ...stretch, stale: true }));
    await loadNewest(began);
    await loader.look();
    if (began !== beginning.value) return;
    // What nobody looks at is only counted, until somebody does.
    timeline.value = timeline.value.map((stretch) =>
      stretch.stale ? { ...stretch, images: null, stale: false } : stretch,
    );
    await count(began);
  }

  function add(image: Image): void {
    if (!matches(filter, image) || timeline.value.indexOf(image.id) !== -1) return;
    for (const asked of askedNow) asked.came = merge(asked.came, [image]);
    const newest = timeline.value.at(0)?.capturedAt ?? 0;
    if (holding && image.capturedAt > newest)
      held.value = merge(
        held.value.filter(({ id }) => id !== image.id),
        [image],
      );
    else timeline.value = timeline.value.add(image, complete.value);
  }

  function hold(shouldHold: boolean): void {
    holding = shouldHold;
    if (holding || held.value.length === 0) return;
    const waited = held.value.toReversed();
    held.value = [];
    timeline.value = waited.reduce((line, image) => line.add(image, complete.value), timeline.value);
  }

  function change(image: Image): void {
    const replace = (other: Image) => (other.id === image.id ? image : other);
    const isLoaded = timeline.value.indexOf(image.id) !== -1;
    if (!matches(filter, image)) keep((other) => other.id !== image.id);
    else if (isLoaded)
      timeline.value = timeline.value.map((stretch) =>
        stretch.images?.some(({ id }) => id === image.id)
          ? { ...stretch, images: stretch.images.map(replace) }
          : stretch,
      );
    else if (held.value.some(({ id }) => id === image.id)) held.value = held.value.map(replace);
    // Now that it is kept, or no longer, the filter shows it.
    else if (filter.pinned !== null) add(image);
  }

  function keep(lives: (image: Image) => boolean): void {
    timeline.value = timeline.value.keep(lives);
    if (!held.value.every(lives)) held.value = held.value.filter(lives);
  }

  return {
    timeline,
    status,
    failure,
    complete,
    held,
    beginning,
    open,
    look: loader.look,
    lookAway: loader.lookAway,
    async image(index) {
      const place = () => Math.min(index, timeline.value.length - 1);
      // Counts can be a little too high: what is last can be another image once it is loaded.
      for (let at = place(); at >= 0 && timeline.value.at(at) === undefined; at = place())
        await loader.look('image', [[at, at]]);
      loader.lookAway('image');
      return timeline.value.at(place());
    },
    refresh,
    async recount() {
      if (performance.now() < recountDue || document.visibilityState === 'hidden') return;
      recountDue = performance.now() + recountMilliseconds;
      await count(beginning.value);
    },
    pages,
    hold,
    add,
    change,
    remove(id) {
      if (removed.has(id)) return;
      removed.add(id);
      const time = Number(id.slice(id.lastIndexOf(':') + 1));
      // Of an image that is not loaded it is not known whether the filter shows it; the next count will tell.
      const counted = narrowings(filter) === 0 && (filter.camera === '' || id.startsWith(`${filter.camera}:`));
      if (counted) timeline.value = timeline.value.lose(time);
      keep((image) => image.id !== id);
    },
    expire: (now) => keep((image) => image.expiresAt === null || image.expiresAt > now),
  };
}
