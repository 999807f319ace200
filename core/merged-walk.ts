import { type IdSource, newestFirst, type Place } from './image-place';

/** How far a walk has come in one camera's index. */
export interface Head {
  /** Read, and not yet handed out, the newest first. */
  places: Place[];
  ended: boolean;
}

/** Walks the indexes of several cameras, each from its newest image down, and hands out all in one order. */
export abstract class MergedWalk<H extends Head> implements IdSource {
  private readonly heads: ReadonlyMap<string, H>;

  constructor(heads: ReadonlyMap<string, H>) {
    this.heads = heads;
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

  /** Any of the next images may be of this camera: as many have to be at hand, if there are so many. */
  protected abstract fill(head: H, count: number): Promise<void>;
}
