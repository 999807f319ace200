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
  if (lux !== null && (await lux.count()) < inTime * idsPerStep) return countByLux(store, search, lux);
  return countOnTheWay(store, search, new TimeWalk(store, search, indexes));
}

async function countByLux(store: RedisImageStore, search: ImageSearch, lux: LuxIndex): Promise<number> {
  const follows = followsIn(search);
  let found = 0;
  for await (const places of lux.places()) {
    const ids = places.filter(follows).map(({ id }) => id);
    found += (search.pinned === undefined ? ids : await siftImages(store, ids, search)).length;
  }
  return found;
}

async function countOnTheWay(store: RedisImageStore, search: ImageSearch, walk: TimeWalk): Promise<number> {
  for (let found = 0; ; ) {
    const ids = await walk.next(longestStretch);
    found += (await siftImages(store, ids, search)).length;
    if (ids.length < longestStretch) return found;
  }
}
