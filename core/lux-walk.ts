import type { ImageSearch } from './image-list';
import { followsIn, type IdSource, newestFirst, type Place } from './image-place';
import type { LuxIndex } from './lux-index';

/** Puts the images of a {@link LuxIndex}, which has no order of time, into the order of a list: all at once, for few. */
export class LuxWalk implements IdSource {
  private readonly index: LuxIndex;
  private readonly search: ImageSearch;
  private places: Promise<Place[]> | undefined;

  constructor(index: LuxIndex, search: ImageSearch) {
    this.index = index;
    this.search = search;
  }

  async next(count: number): Promise<string[]> {
    this.places ??= this.gather();
    return (await this.places).splice(0, count).map(({ id }) => id);
  }

  private async gather(): Promise<Place[]> {
    const follows = followsIn(this.search);
    const kept: Place[] = [];
    for await (const places of this.index.places()) kept.push(...places.filter(follows));
    return kept.sort(newestFirst);
  }
}
