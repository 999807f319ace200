import { triggerNames } from './image';
import type { ImageSearch } from './image-list';
import { type Place, readPlaces } from './image-place';
import type { RedisImageStore } from './redis-image-store';
import { scoreText } from './time-index';

/** How many ids are fetched at once, at the most: about 2 ms of Redis' time. */
const longestStretch = 20_000;

/** All images with the lux, of the cameras and with the trigger of a search, whenever they were captured. */
export class LuxIndex {
  private readonly store: RedisImageStore;
  private readonly search: ImageSearch;
  private readonly indexes: readonly string[];
  private readonly least: string;
  private readonly most: string;
  private counts: Promise<number[]> | undefined;

  /** The index of what a search lets through by its lux; null where lux does not matter to it. */
  static of(store: RedisImageStore, search: ImageSearch): LuxIndex | null {
    return search.luxMin === undefined && search.luxMax === undefined ? null : new LuxIndex(store, search);
  }

  private constructor(store: RedisImageStore, search: ImageSearch) {
    const { cameras, trigger, luxMin, luxMax } = search;
    this.store = store;
    this.search = search;
    const triggers = trigger === undefined ? triggerNames : [trigger];
    this.indexes = cameras.flatMap((camera) => triggers.map((name) => store.connection.keys.lit(camera, name)));
    this.least = scoreText(luxMin ?? 0);
    this.most = scoreText(luxMax ?? Number.POSITIVE_INFINITY);
  }

  /** The images of the same lux and cameras by whatever trigger. */
  ofAnyTrigger(): LuxIndex {
    const { trigger, ...search } = this.search;
    return trigger === undefined ? this : new LuxIndex(this.store, search);
  }

  /** How many there are. */
  async count(): Promise<number> {
    return (await this.countEach()).reduce((sum, count) => sum + count, 0);
  }

  /**
   * All of them, in no order, at most 20,000 at a time. Where a single index has more, one that goes or comes while they
   * are read may have another one left out or told twice.
   */
  async *places(): AsyncGenerator<Place[]> {
    const counts = await this.countEach();
    let together: string[] = [];
    let size = 0;
    for (const [at, index] of this.indexes.entries()) {
      const count = counts[at] ?? 0;
      if (count === 0) continue;
      if (count > longestStretch) {
        yield* this.inStretches(index, count);
        continue;
      }
      if (size + count > longestStretch) {
        yield this.ofAll(together);
        together = [];
        size = 0;
      }
      together.push(index);
      size += count;
    }
    yield this.ofAll(together);
  }

  private async ofAll(indexes: readonly string[]): Promise<Place[]> {
    const { client } = this.store.connection;
    const replies = indexes.map((index) => client.zRange(index, this.least, this.most, { BY: 'SCORE' }));
    return readPlaces((await Promise.all(replies)).flat());
  }

  /** By rank, because Redis would count up to an offset within scores one by one. */
  private async *inStretches(index: string, count: number): AsyncGenerator<Place[]> {
    const { client } = this.store.connection;
    const first = await client.zCount(index, '-inf', `(${this.least}`);
    for (let rank = first; rank < first + count; rank += longestStretch)
      yield readPlaces(await client.zRange(index, rank, Math.min(rank + longestStretch, first + count) - 1));
  }

  private countEach(): Promise<number[]> {
    const { client } = this.store.connection;
    this.counts ??= Promise.all(this.indexes.map((index) => client.zCount(index, this.least, this.most)));
    return this.counts;
  }
}
