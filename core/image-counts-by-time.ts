import { z } from 'zod';
import { cameraNameSchema } from './image';
import { matchingIds } from './image-count';
import type { ImageFilter, ImageSearch } from './image-list';
import type { RedisImageStore } from './redis-image-store';
import { countScript } from './redis-scripts';
import { scoreText, timeIndexes } from './time-index';

/** How many stretches of time one script call counts: a few milliseconds of Redis' time. */
const stretchesAtOnce = 1000;

/** How many images there are from `start` (unix milliseconds) on, until the next stretch of time begins. */
export interface ImageCount {
  start: number;
  images: number;
}

/**
 * Counts the images of a filter by stretches of time of so many milliseconds, which begin at multiples of that; newest
 * first, without those that hold none. Images that have gone within the last minute may still be counted.
 * Throws a LuxcamError `store_unavailable`.
 */
export async function countImagesByTime(
  store: RedisImageStore,
  filter: ImageFilter,
  length: number,
): Promise<ImageCount[]> {
  const cameras = [...new Set(filter.cameras ?? (await store.cameras()))];
  const known = cameras.filter((name) => cameraNameSchema.safeParse(name).success);
  try {
    const totals = await count(store, { ...filter, cameras: known, limit: 0 }, length);
    const counts = [...totals].map(([start, images]) => ({ start, images }));
    return counts.filter(({ images }) => images > 0).sort((a, b) => b.start - a.start);
  } catch (error) {
    throw store.connection.unavailable('The images can not be counted', error);
  }
}

/** How many images of each stretch, by its start. */
type Totals = Map<number, number>;

async function count(store: RedisImageStore, search: ImageSearch, length: number): Promise<Totals> {
  const { pinned, trigger, luxMin, luxMax } = search;
  // Pinned images are few, and indexed.
  if (pinned === false) {
    const totals = await count(store, { ...search, pinned: undefined }, length);
    for (const [start, images] of await count(store, { ...search, pinned: true }, length))
      totals.set(start, (totals.get(start) ?? 0) - images);
    return totals;
  }
  const isIndexed = pinned === undefined || trigger === undefined;
  if (luxMin === undefined && luxMax === undefined && isIndexed) return countIndexes(store, search, length);
  const totals: Totals = new Map();
  for await (const ids of matchingIds(store, search))
    for (const id of ids) add(totals, Math.floor(timeOf(id) / length) * length, 1);
  return totals;
}

/** The capture time that an id of an index tells; it has been read as one already. */
function timeOf(id: string): number {
  return Number(id.slice(id.indexOf(':') + 1));
}

function add(totals: Totals, start: number, images: number): void {
  totals.set(start, (totals.get(start) ?? 0) + images);
}

async function countIndexes(store: RedisImageStore, search: ImageSearch, length: number): Promise<Totals> {
  const totals: Totals = new Map();
  const indexes = await timeIndexes(store, search);
  await Promise.all([...indexes.values()].map((index) => countIndex(store, index, search, length, totals)));
  return totals;
}

const replySchema = z.array(z.coerce.number());

async function countIndex(
  store: RedisImageStore,
  index: string,
  { from = 0, to = Number.POSITIVE_INFINITY }: ImageSearch,
  length: number,
  totals: Totals,
): Promise<void> {
  for (let lowest = from; ; ) {
    const reply = await store.connection.run((client) =>
      client.eval(countScript, {
        keys: [index],
        arguments: [`${lowest}`, scoreText(to), `${length}`, `${stretchesAtOnce}`],
      }),
    );
    const numbers = replySchema.parse(reply);
    for (let at = 0; at < numbers.length; at += 2) add(totals, numbers[at] ?? 0, numbers[at + 1] ?? 0);
    if (numbers.length < 2 * stretchesAtOnce) return;
    lowest = (numbers.at(-2) ?? 0) + length;
  }
}
