import { countByHour, hasWholeBands } from './hour-count';
import type { ImageSearch } from './image-list';
import { followsIn } from './image-place';
import { siftImages } from './image-sift';
import { LuxIndex } from './lux-index';
import type { RedisImageStore } from './redis-image-store';
import { countByTime, timeIndexes } from './time-index';
import { TimeWalk } from './time-walk';

/** How many images are looked at in one round trip. */
const longestStretch = 1000;

/** A step of a walk by time takes as long as this many ids of the index by lux. */
export const idsPerStep = 4;

/** So many ids are read for a count as quickly as their hours are counted. */
const fewLookedAt = 2000;

/**
 * How many images match a search. Where the indexes alone can't tell, the images of the narrowest one are looked at.
 * Images that have gone within the last minute may still be counted.
 */
export async function countImages(store: RedisImageStore, search: ImageSearch): Promise<number> {
  const { pinned, trigger } = search;
  // Pinned images are few, and indexed.
  if (pinned === false) {
    const all = await countImages(store, { ...search, pinned: undefined });
    return Math.max(0, all - (await countImages(store, { ...search, pinned: true })));
  }
  const lux = LuxIndex.of(store, search);
  const timed = search.from !== undefined || search.to !== undefined;
  if (lux !== null && pinned === undefined && !timed) return lux.count();
  const indexes = await timeIndexes(store, search);
  const inTime = await countByTime(store, search, indexes);
  if (lux === null && (pinned === undefined || trigger === undefined)) return inTime;
  if (lux !== null && pinned === undefined && trigger === undefined && hasWholeBands(search)) {
    const lookedAt = Math.min(await lux.count(), inTime * idsPerStep);
    if (lookedAt > fewLookedAt) return countByHour(store, search);
  }
  let found = 0;
  for await (const ids of matchingIds(store, search)) found += ids.length;
  return found;
}

/** The ids of all images that match a search, in no order, found by whichever index has fewer to look at. */
export async function* matchingIds(store: RedisImageStore, search: ImageSearch): AsyncGenerator<string[]> {
  const lux = LuxIndex.of(store, search);
  const indexes = await timeIndexes(store, search);
  const inTime = await countByTime(store, search, indexes);
  if (lux !== null && (await lux.count()) < inTime * idsPerStep) yield* idsByLux(store, search, lux);
  else yield* idsOnTheWay(store, search, new TimeWalk(store, search, indexes));
}

async function* idsByLux(store: RedisImageStore, search: ImageSearch, lux: LuxIndex): AsyncGenerator<string[]> {
  const follows = followsIn(search);
  for await (const places of lux.places()) {
    const ids = places.filter(follows).map(({ id }) => id);
    yield search.pinned === undefined ? ids : await siftImages(store, ids, search);
  }
}

async function* idsOnTheWay(store: RedisImageStore, search: ImageSearch, walk: TimeWalk): AsyncGenerator<string[]> {
  for (;;) {
    const ids = await walk.next(longestStretch);
    yield await siftImages(store, ids, search);
    if (ids.length < longestStretch) return;
  }
}
