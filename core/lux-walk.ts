import type { ImageSearch } from './image-list';
import { followsIn, type IdSource, newestFirst, type Place } from './image-place';
import type { LuxIndex } from './lux-index';

/** How many ids are put in order at once, about: few lists are read further in one go. */
const enough = 2000;

/** Puts the images of a {@link LuxIndex}, which has no order of time, into the order of a list. */
export class LuxWalk implements IdSource {
  private readonly index: LuxIndex;
  private readonly search: ImageSearch;
  private cursor: string | undefined;
  private places: Place[] = [];
  private hasMore = true;

  constructor(index: LuxIndex, search: ImageSearch) {
    this.index = index;
    this.search = search;
    this.cursor = search.cursor;
  }

  async next(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      if (this.places.length === 0 && this.hasMore) await this.gather();
      if (this.places.length === 0) break;
      taken.push(...this.places.splice(0, count - taken.length).map(({ id }) => id));
      this.cursor = taken.at(-1);
    }
    return taken;
  }

  /** Keeps the newest after the cursor. What is older is gathered when these have been handed out. */
  private async gather(): Promise<void> {
    const follows = followsIn({ ...this.search, cursor: this.cursor });
    let kept: Place[] = [];
    let oldest = Number.NEGATIVE_INFINITY;
    for await (const places of this.index.places()) {
      for (const place of places) if (place.capturedAt >= oldest && follows(place)) kept.push(place);
      if (kept.length <= 2 * enough) continue;
      // Numbers are sorted many times as fast as places.
      oldest =
        Float64Array.from(kept, ({ capturedAt }) => capturedAt)
          .sort()
          .at(-enough) ?? oldest;
      kept = kept.filter(({ capturedAt }) => capturedAt >= oldest);
    }
    this.hasMore = oldest > Number.NEGATIVE_INFINITY;
    this.places = kept.sort(newestFirst).filter(({ id }, at, all) => id !== all[at - 1]?.id);
  }
}
