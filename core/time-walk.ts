import type { ImageSearch } from './image-list';
import { readPlaces } from './image-place';
import { type Head, MergedWalk } from './merged-walk';
import type { RedisImageStore } from './redis-image-store';
import { type TimeIndexes, timeRange } from './time-index';

interface TimeHead extends Head {
  index: string;
  lowest: string;
  highest: string;
}

/** Walks indexes by time, one of each camera, from the newest image down. */
export class TimeWalk extends MergedWalk<TimeHead> {
  private readonly store: RedisImageStore;

  constructor(store: RedisImageStore, search: ImageSearch, indexes: TimeIndexes) {
    super(
      new Map(
        [...indexes].map(([camera, index]) => [
          camera,
          { index, ...timeRange(search, camera), places: [], ended: false },
        ]),
      ),
    );
    this.store = store;
  }

  protected async fill(head: TimeHead, count: number): Promise<void> {
    while (!head.ended && head.places.length < count) {
      const missing = count - head.places.length;
      const ids = await this.store.connection.client.zRange(head.index, head.highest, head.lowest, {
        BY: 'SCORE',
        REV: true,
        LIMIT: { offset: 0, count: missing },
      });
      const places = readPlaces(ids);
      const last = places.at(-1);
      if (last !== undefined) head.highest = `(${last.capturedAt}`;
      head.ended = ids.length < missing || last === undefined;
      head.places.push(...places);
    }
  }
}
