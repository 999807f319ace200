import { computed, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import { type Filter, matches, wholeFilter } from './filter';
import type { Image } from './messages';
import type { GalleryServer } from './server';
import { merge, placeOf } from './sorted-images';

/** How many images one request asks for; the first is for what can be seen at once. */
const firstLimit = 120;
const pageLimit = 200;
/** The narrowest stretch of time that newer images are asked for in, in milliseconds. */
const narrowestStretch = 60_000;

/**
 * The images that have been loaded: one stretch of time without gaps, newest first. It grows at its old end while
 * people scroll; at its new end it follows the live events, unless somebody has travelled into the past.
 */
export interface ImageList {
  images: ShallowRef<readonly Image[]>;
  status: Ref<'loading' | 'ready' | 'failed'>;
  /** Whether older or newer images are on their way. */
  loading: Ref<boolean>;
  /** Whether there are older images on the server. */
  hasOlder: Ref<boolean>;
  /** Whether the list's new end is the newest image there is. */
  reachesNow: Ref<boolean>;
  /** Newer images that wait until nobody looks at older ones. */
  held: ShallowRef<readonly Image[]>;
  /** How many images have come that the list does not show yet. */
  waiting: Ref<number>;
  /** Counts the times that the list was begun anew: what was looked at is gone then. */
  beginnings: Ref<number>;
  /** Begins anew, at the newest image or at a time in unix milliseconds. */
  open(filter: Filter, at?: number): Promise<void>;
  loadOlder(): Promise<void>;
  loadNewer(now: number): Promise<void>;
  /** Asks for the newest images again, because live events may have been missed. */
  refresh(): Promise<void>;
  /** Whether new images have to wait, because somebody looks at older ones. */
  hold(held: boolean): void;
  add(image: Image): void;
  change(image: Image): void;
  remove(id: string): void;
  /** Takes out what has expired by `now`, in unix milliseconds. */
  expire(now: number): void;
  indexOf(id: string): number;
}

/** An empty list of the images of this server. */
export function createImageList(server: GalleryServer): ImageList {
  const images = shallowRef<readonly Image[]>([]);
  const held = shallowRef<readonly Image[]>([]);
  const missed = ref(0);
  const status: ImageList['status'] = ref('loading');
  const cursor = ref<string | null>(null);
  const reachesNow = ref(true);
  const beginnings = ref(0);
  const has = (id: string) => placeOf(images.value, id) !== -1;
  let filter = wholeFilter();
  const removed = new Set<string>();
  let holding = false;
  const loading = ref(false);

  async function open(chosen: Filter, at?: number): Promise<void> {
    filter = chosen;
    const beginning = ++beginnings.value;
    status.value = 'loading';
    images.value = [];
    held.value = [];
    holding = false;
    missed.value = 0;
    cursor.value = null;
    reachesNow.value = at === undefined;
    try {
      const page = await ask({ to: at, limit: firstLimit });
      // Somebody may have chosen another filter meanwhile.
      if (beginning !== beginnings.value) return;
      // Nothing is as old as that: the newest are better than nothing.
      if (at !== undefined && page.images.length === 0) return open(chosen);
      images.value = merge(images.value, page.images);
      cursor.value = page.next;
      status.value = 'ready';
    } catch (error) {
      if (beginning === beginnings.value) status.value = 'failed';
      throw error;
    }
  }

  async function load(step: (beginning: number) => Promise<void>): Promise<void> {
    if (loading.value || status.value !== 'ready') return;
    loading.value = true;
    try {
      await step(beginnings.value);
    } finally {
      loading.value = false;
    }
  }

  function loadOlder(): Promise<void> {
    return load(async (beginning) => {
      if (cursor.value === null) return;
      const page = await ask({ limit: pageLimit, cursor: cursor.value });
      if (beginning !== beginnings.value) return;
      images.value = merge(images.value, page.images);
      cursor.value = page.next;
    });
  }

  /**
   * The server counts from the newest image down, so newer ones are asked for by a stretch of time that is as long as
   * the last hundred images took, and longer while nothing is found.
   */
  function loadNewer(now: number): Promise<void> {
    return load(async (beginning) => {
      const newest = images.value[0];
      if (reachesNow.value || newest === undefined) return;
      const from = newest.capturedAt + 1;
      const hundredth = images.value[Math.min(100, images.value.length - 1)] ?? newest;
      let stretch = Math.max(narrowestStretch, newest.capturedAt - hundredth.capturedAt);
      let found: Image[] = [];
      while (found.length === 0 && from + stretch / 4 < now) {
        found = await all({ from, to: from + stretch });
        stretch *= 4;
      }
      if (beginning !== beginnings.value) return;
      if (found.length > 0) images.value = merge(images.value, found);
      else await reachNow();
    });
  }

  async function all(range: { from: number; to: number }): Promise<Image[]> {
    const found: Image[] = [];
    let next: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask({
        ...range,
        limit: pageLimit,
        ...(next !== null && { cursor: next }),
      });
      found.push(...page.images);
      next = page.next;
    } while (next !== null);
    return found;
  }

  async function reachNow(): Promise<void> {
    reachesNow.value = true;
    missed.value = 0;
    await catchUp(beginnings.value);
  }

  async function refresh(): Promise<void> {
    if (status.value === 'failed') await open(filter);
    else if (status.value === 'ready' && reachesNow.value) await catchUp(beginnings.value);
  }

  async function catchUp(beginning: number): Promise<void> {
    const asked = images.value;
    const page = await ask({ limit: firstLimit });
    if (beginning !== beginnings.value) return;
    const oldest = page.next === null ? Number.NEGATIVE_INFINITY : (page.images.at(-1)?.capturedAt ?? 0);
    const known = images.value;
    if (known.length > 0 && (known[0]?.capturedAt ?? 0) < oldest) {
      // More was missed than one page: what is shown becomes a stretch of the past.
      reachesNow.value = false;
      missed.value += page.images.length;
      if (!holding) await open(filter);
      return;
    }
    const alive = new Set(page.images.map((image) => image.id));
    // What has come while we waited for the answer is not in it, and yet alive.
    const cameMeanwhile = (image: Image) => placeOf(asked, image.id) === -1;
    const kept = known.filter((image) => image.capturedAt < oldest || alive.has(image.id) || cameMeanwhile(image));
    if (known.length === 0) cursor.value = page.next;
    images.value = merge(kept, holding ? page.images.filter((image) => has(image.id)) : page.images);
    if (holding)
      held.value = merge(
        held.value,
        page.images.filter((image) => !has(image.id)),
      );
  }

  /** A page of images, without those that were removed while it was on its way. */
  async function ask(query: { from?: number; to?: number; limit: number; cursor?: string }) {
    const page = await server.images(filter, query);
    return { ...page, images: page.images.filter((image) => !removed.has(image.id)) };
  }

  function add(image: Image): void {
    if (!matches(filter, image)) return;
    if (has(image.id) || held.value.some((other) => other.id === image.id)) return;
    if (!reachesNow.value) missed.value++;
    else if (holding && image.capturedAt > (images.value[0]?.capturedAt ?? 0)) held.value = merge(held.value, [image]);
    else if (belongsTo(image)) images.value = merge(images.value, [image]);
  }

  /** An image that waited in a spool is older than others; below the loaded stretch it is left to be loaded. */
  function belongsTo(image: Image): boolean {
    return cursor.value === null || image.capturedAt > (images.value.at(-1)?.capturedAt ?? 0);
  }

  function hold(shouldHold: boolean): void {
    holding = shouldHold;
    if (holding || held.value.length === 0) return;
    images.value = merge(images.value, held.value);
    held.value = [];
  }

  function change(image: Image): void {
    const replace = (other: Image) => (other.id === image.id ? image : other);
    if (!matches(filter, image)) keep((other) => other.id !== image.id);
    else if (has(image.id)) images.value = images.value.map(replace);
    else if (held.value.some(({ id }) => id === image.id)) held.value = held.value.map(replace);
    // Now that it is kept, for example, the filter shows it.
    else add(image);
  }

  function keep(alive: (image: Image) => boolean): void {
    if (!images.value.every(alive)) images.value = images.value.filter(alive);
    if (!held.value.every(alive)) held.value = held.value.filter(alive);
  }

  return {
    images,
    status,
    loading,
    hasOlder: computed(() => cursor.value !== null),
    reachesNow,
    held,
    waiting: computed(() => held.value.length + missed.value),
    beginnings,
    open,
    loadOlder,
    loadNewer,
    refresh,
    hold,
    add,
    change,
    remove(id) {
      removed.add(id);
      keep((image) => image.id !== id);
    },
    expire: (now) => keep((image) => image.expiresAt === null || image.expiresAt > now),
    indexOf: (id) => placeOf(images.value, id),
  };
}
