import { z } from 'zod';
import type { ImageSearch } from './image-list';
import { followsIn, latestTime, newestFirst, type Place, readPlaces, spanOf } from './image-place';
import { bandOf, bandsPerHour, hourMilliseconds } from './lux-hours';
import { type Head, MergedWalk } from './merged-walk';
import type { RedisImageStore } from './redis-image-store';
import { hourWalkScript } from './redis-scripts';

const replySchema = z.tuple([z.number(), z.array(z.string())]);

interface HourHead extends Head {
  index: string;
  /** The newest hour that has not been read. */
  hour: number;
}

/**
 * Walks the images of a range of light hour by hour, from the newest down: what is darker or brighter is never looked at,
 * however much lies between. Those at the ends of the range may be a little darker or brighter than it.
 */
export class HourWalk extends MergedWalk<HourHead> {
  private readonly store: RedisImageStore;
  private readonly oldest: number;
  private readonly bands: [lowest: number, highest: number];
  private readonly follows: (place: Place) => boolean;

  constructor(store: RedisImageStore, search: ImageSearch) {
    const { from, to } = spanOf(search);
    const hour = Math.floor(Math.min(to, latestTime) / hourMilliseconds);
    super(
      new Map(
        search.cameras.map((camera) => [
          camera,
          { index: store.connection.keys.litByHour(camera), hour, places: [], ended: false },
        ]),
      ),
    );
    this.store = store;
    this.oldest = Math.floor(Math.max(from, 0) / hourMilliseconds);
    this.bands = [bandOf(search.luxMin ?? 0), bandOf(search.luxMax ?? Number.MAX_VALUE)];
    this.follows = followsIn(search);
  }

  protected async fill(head: HourHead, count: number): Promise<void> {
    const { client } = this.store.connection;
    while (!head.ended && head.places.length < count) {
      const wanted = [head.hour, this.oldest, ...this.bands, bandsPerHour, count - head.places.length].map(String);
      const reply = await client.eval(hourWalkScript, { keys: [head.index], arguments: wanted });
      const [hour, ids] = replySchema.parse(reply);
      head.hour = hour;
      head.ended = hour < this.oldest;
      head.places.push(...readPlaces(ids).filter(this.follows).sort(newestFirst));
    }
  }
}
