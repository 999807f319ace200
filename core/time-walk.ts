import type { ImageSearch } from './image-list';
import { type IdSource, newestFirst, type Place, readPlaces } from './image-place';
import type { RedisImageStore } from './redis-image-store';
import { type TimeIndexes, timeRange } from './time-index';

/** How far the walk has come in one camera's index. */
interface Head {
  index: string;
  lowest: string;
  highest: string;
  /** Read, and not yet handed out. */
  places: Place[];
  ended: boolean;
}

/** Walks indexes by time, one of each camera, from the newest image down. */
export class TimeWalk implements IdSource {
  private readonly store: RedisImageStore;
  private readonly heads: ReadonlyMap<string, Head>;

  constructor(store: RedisImageStore, search: ImageSearch, indexes: TimeIndexes) {
    this.store = store;
    this.heads = new Map(
      [...indexes].map(([camera, index]) => [
        camera,
        { index, ...timeRange(search, camera), places: [], ended: false },
      ]),
    );
  }

  async next(count: number): Promise<string[]> {
    const heads = [...this.heads.values()];
    await Promise.all(heads.map((head) => this.fill(head, count)));
    const taken = heads
      .flatMap(({ places }) => places)
      .sort(newestFirst)
      .slice(0, count);
    for (const { camera } of taken) this.heads.get(camera)?.places.shift();
    return taken.map(({ id }) => id);
  }

  /** Any of the next images may be of this camera: as many have to be at hand. */
  private async fill(head: Head, count: number): Promise<void> {
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
