import { HourWalk } from './hour-walk';
import type { StoredImage, TriggerName } from './image';
import { countImages, idsPerStep } from './image-count';
import type { IdSource } from './image-place';
import { matches, siftImages } from './image-sift';
import { LuxIndex } from './lux-index';
import { LuxWalk } from './lux-walk';
import type { RedisImageStore } from './redis-image-store';
import { countByTime, timeIndexes } from './time-index';
import { TimeWalk } from './time-walk';

/** Which images to list. What is absent does not narrow the list. */
export interface ImageQuery {
  cameras?: string[];
  trigger?: TriggerName;
  /** Capture time in unix milliseconds, both ends included. */
  from?: number;
  to?: number;
  luxMin?: number;
  luxMax?: number;
  pinned?: boolean;
  /** How many images the page has at the most. */
  limit: number;
  /** Where the page before ended: its `next`. */
  cursor?: string;
  /** False where nobody wants to know how many there are in all, which saves counting them. */
  total?: false;
}

/** A query with its cameras named. */
export interface ImageSearch extends ImageQuery {
  cameras: string[];
}

/** Which images, in whatever pages. */
export type ImageFilter = Omit<ImageQuery, 'limit' | 'cursor' | 'total'>;

/** A page of images, newest first, and where the next one begins: null if there is none. */
export interface Page {
  images: StoredImage[];
  next: string | null;
  /**
   * How many images match, over all pages; it may count some that have gone within the last minute. Null on pages after
   * the first, and where it was not asked for.
   */
  total: number | null;
}

type Found = Omit<Page, 'total'>;

/** Where images are looked for, and until when. */
interface Source {
  source: IdSource;
  /** After so many that were looked at, it goes on by light. */
  patience: number;
  /** And also when less than this share of them was found. */
  hope: number;
}

const tireless = { patience: Number.POSITIVE_INFINITY, hope: 0 };

/** So many pages' worth of images are looked at by time before a search goes by light. */
const stepsOfHope = 4;

/** The share of what was to be expected that has to be found by time. */
const leastLuck = 0.25;

/** So many images of a light are put in order at the most: more would be read in stretches, between which some come and go. */
const mostInOrder = 10_000;

/** How many images one round trip looks at, at the most. */
const longestStretch = 1000;

/** A page of the images that match, and their number. */
export async function listImages(store: RedisImageStore, query: ImageQuery): Promise<Page> {
  const search = { ...query, cameras: [...new Set(query.cameras ?? (await store.cameras()))] };
  const found = await findImages(store, search);
  if (query.cursor !== undefined || query.total === false) return { ...found, total: null };
  return { ...found, total: found.next === null ? found.images.length : await countImages(store, search) };
}

async function findImages(store: RedisImageStore, search: ImageSearch): Promise<Found> {
  const lux = LuxIndex.of(store, search);
  let { source, patience, hope } = await chooseSource(store, search, lux);
  const images: StoredImage[] = [];
  for (let size = search.limit + 1, seen = 0; ; size = Math.min(size * 4, Math.max(longestStretch, size))) {
    const ids = await source.next(size);
    // Most searches find most of what they look at first.
    const likely = seen === 0 ? ids : await siftImages(store, ids, search);
    for (let at = 0; at < likely.length; at += search.limit + 1)
      for (const image of await store.describeAll(likely.slice(at, at + search.limit + 1))) {
        if (image === null || !matches(image, search)) continue;
        if (images.length === search.limit) return { images, next: images.at(-1)?.id ?? null };
        images.push(image);
      }
    if (ids.length < size) return { images, next: null };
    seen += ids.length;
    if (lux !== null && (seen > patience || images.length < seen * hope)) {
      source = await byLux(store, { ...search, cursor: ids.at(-1) }, lux);
      ({ patience, hope } = tireless);
    }
  }
}

/**
 * Where to look for images. Camera, time, trigger and pin narrow the index by time that is walked. Where lux matters, most
 * searches find enough there as well; but not where what they look for is rare, or lies further down, as what is dark does
 * at noon: then it is looked for by its light, at once or when the walk has had no luck.
 */
async function chooseSource(store: RedisImageStore, search: ImageSearch, lux: LuxIndex | null): Promise<Source> {
  const indexes = await timeIndexes(store, search);
  const walk = new TimeWalk(store, search, indexes);
  if (lux === null) return { source: walk, ...tireless };
  const [lit, inTime] = await Promise.all([lux.count(), countByTime(store, search, indexes)]);
  // The indexes by light hold all images, pinned or not: they tell nothing of the few in that of the pinned.
  if (search.pinned === true && inTime <= lit) return { source: walk, ...tireless };
  const patience = Math.min(lit / idsPerStep, stepsOfHope * search.limit);
  const expectedSteps = ((search.limit + 1) * inTime) / lit;
  if (lit === 0 || Math.min(expectedSteps, inTime) > patience)
    return { source: await byLux(store, search, lux), ...tireless };
  return { source: walk, patience, hope: (lit / inTime) * leastLuck };
}

/**
 * Images of a light, in the order of a list: all at once where they are few, else hour by hour. The hours know nothing of
 * triggers, so that a rare one there takes as many steps as there are images of the light for each of its own.
 */
async function byLux(store: RedisImageStore, search: ImageSearch, lux: LuxIndex): Promise<IdSource> {
  const [lit, inHours] = await Promise.all([lux.count(), lux.ofAnyTrigger().count()]);
  const expectedSteps = ((search.limit + 1) * inHours) / lit;
  const isFew = lit === 0 || lit <= Math.min(expectedSteps * idsPerStep, mostInOrder);
  return isFew ? new LuxWalk(lux, search) : new HourWalk(store, search);
}
