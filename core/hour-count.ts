import { z } from 'zod';
import type { ImageSearch } from './image-list';
import { followsIn, latestTime, readPlaces, spanOf } from './image-place';
import { siftImages } from './image-sift';
import { bandOf, bandsPerHour, hourMilliseconds } from './lux-hours';
import type { RedisImageStore } from './redis-image-store';
import { hourCountScript } from './redis-scripts';

/** How many ids one script call reads, about: two milliseconds of Redis' time. */
const idsAtOnce = 20_000;

const replySchema = z.tuple([z.number(), z.number(), z.array(z.string())]);

/**
 * How many images, by whatever trigger and pinned or not, lie in the light and the time of a search. Whole hours are
 * counted; only those images are looked at that lie at the ends of the time or of the light.
 */
export async function countByHour(store: RedisImageStore, search: ImageSearch): Promise<number> {
  const counts = await Promise.all(search.cameras.map((camera) => countCamera(store, search, camera)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Whether whole bands of light lie between the ends of what a search lets through: else all would be looked at. */
export function hasWholeBands(search: ImageSearch): boolean {
  const [lowest, highest] = bandsOf(search).whole;
  return lowest <= highest;
}

/** The lowest and the highest band in which images can match, and those of them in which all do. */
function bandsOf({ luxMin = 0, luxMax }: ImageSearch): Record<'all' | 'whole', [lowest: number, highest: number]> {
  const low = bandOf(luxMin);
  const high = luxMax === undefined ? bandsPerHour - 1 : bandOf(luxMax);
  return { all: [low, high], whole: [luxMin <= 0 ? low : low + 1, luxMax === undefined ? high : high - 1] };
}

async function countCamera(store: RedisImageStore, search: ImageSearch, camera: string): Promise<number> {
  const { client, keys } = store.connection;
  const bands = bandsOf(search);
  const span = spanOf(search);
  const from = Math.max(span.from, 0);
  const to = Math.min(span.to, latestTime);
  const oldest = Math.floor(from / hourMilliseconds);
  const wholeHours = [Math.floor((to + 1) / hourMilliseconds) - 1, Math.ceil(from / hourMilliseconds)];
  let total = 0;
  for (let hour = Math.floor(to / hourMilliseconds); hour >= oldest; ) {
    const wanted = [hour, oldest, ...wholeHours, ...bands.all, ...bands.whole, bandsPerHour, idsAtOnce].map(String);
    const reply = await client.eval(hourCountScript, { keys: [keys.litByHour(camera)], arguments: wanted });
    const [next, count, ids] = replySchema.parse(reply);
    const places = readPlaces(ids).filter(followsIn(search));
    const sifted = await siftImages(
      store,
      places.map(({ id }) => id),
      search,
    );
    total += count + sifted.length;
    hour = next;
  }
  return total;
}
