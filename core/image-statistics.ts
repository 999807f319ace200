import { z } from 'zod';
import { hourMilliseconds } from './lux-hours';
import { parseJson } from './messages';
import type { RedisImageStore } from './redis-image-store';
import { statisticsScript } from './redis-scripts';

/** How many images one script call adds up: a few milliseconds of Redis' time. */
const stretch = 1000;

/** What one camera captured in one hour. */
export interface HourStatistics {
  /** Start of the hour in unix milliseconds. */
  hour: number;
  images: number;
  /** How many of them a motion sensor started. */
  motion: number;
  /** Mean, lowest and highest lux; null where no image has one. */
  lux: number | null;
  luxMin: number | null;
  luxMax: number | null;
}

/** What lies in Redis of one camera. */
export interface CameraStatistics {
  camera: string;
  images: number;
  bytes: number;
  /** How many of them are kept for ever. */
  pinned: number;
  /** Mean time in milliseconds until those that expire do so; null where none does. */
  meanTimeLeft: number | null;
  /** Capture times in unix milliseconds; null where there is no image. */
  oldest: number | null;
  newest: number | null;
  /** In the hour of the newest image and the one before, or as many hours back as hold two; 0 where there are fewer. */
  imagesPerMinute: number;
  /** From the oldest to the newest; an hour without images has no entry. */
  hours: HourStatistics[];
}

const sumSchema = z.object({
  hour: z.number(),
  images: z.number(),
  bytes: z.number(),
  motion: z.number(),
  pinned: z.number(),
  expiring: z.number(),
  left: z.number(),
  measured: z.number(),
  lux: z.number(),
  least: z.number().optional(),
  most: z.number().optional(),
  oldest: z.number(),
  newest: z.number(),
});
type Sum = z.infer<typeof sumSchema>;

const replySchema = z.tuple([z.number(), z.string(), z.string()]);

/**
 * Adds up a camera's images between two capture times (unix milliseconds, both included). Redis reads the images'
 * small fields, so that only one sum an hour comes over the wire. Throws a LuxcamError `store_unavailable`.
 */
export async function imageStatistics(
  store: RedisImageStore,
  camera: string,
  { from, to }: { from?: number; to?: number } = {},
): Promise<CameraStatistics> {
  const sums = new Map<number, Sum>();
  // Each stretch begins behind the last entry of the one before: Redis would walk to an offset from the beginning.
  for (let lowest = `${from ?? '-inf'}`, seen = stretch; seen === stretch; ) {
    const part = await sumStretch(store, camera, lowest, `${to ?? '+inf'}`);
    for (const sum of part.hours) sums.set(sum.hour, add(sums.get(sum.hour), sum));
    lowest = `(${part.last}`;
    seen = part.seen;
  }
  const inOrder = [...sums.values()].sort((a, b) => a.hour - b.hour);
  return summarise(camera, inOrder);
}

async function sumStretch(
  store: RedisImageStore,
  camera: string,
  lowest: string,
  highest: string,
): Promise<{ seen: number; last: string; hours: Sum[] }> {
  const { keys, clockOffset } = store.connection;
  const now = Math.round(Date.now() + clockOffset);
  try {
    const reply = await store.connection.run((client) =>
      client.eval(statisticsScript, {
        keys: [keys.images(camera)],
        arguments: [keys.image(''), lowest, highest, `${stretch}`, `${now}`],
      }),
    );
    const [seen, last, json] = replySchema.parse(reply);
    return { seen, last, hours: parseJson(z.array(sumSchema), json) };
  } catch (error) {
    throw store.connection.unavailable(`The statistics of ${camera} can not be read`, error);
  }
}

/** Two sums of the same hour, which lay in two stretches. */
function add(a: Sum | undefined, b: Sum): Sum {
  if (a === undefined) return b;
  return {
    hour: a.hour,
    images: a.images + b.images,
    bytes: a.bytes + b.bytes,
    motion: a.motion + b.motion,
    pinned: a.pinned + b.pinned,
    expiring: a.expiring + b.expiring,
    left: a.left + b.left,
    measured: a.measured + b.measured,
    lux: a.lux + b.lux,
    least: Math.min(a.least ?? Number.POSITIVE_INFINITY, b.least ?? Number.POSITIVE_INFINITY),
    most: Math.max(a.most ?? Number.NEGATIVE_INFINITY, b.most ?? Number.NEGATIVE_INFINITY),
    oldest: Math.min(a.oldest, b.oldest),
    newest: Math.max(a.newest, b.newest),
  };
}

function summarise(camera: string, sums: readonly Sum[]): CameraStatistics {
  const total = (count: (sum: Sum) => number) => sums.reduce((sofar, sum) => sofar + count(sum), 0);
  const images = total((sum) => sum.images);
  const expiring = total((sum) => sum.expiring);
  const oldest = sums[0]?.oldest ?? null;
  const newest = sums.at(-1)?.newest ?? null;
  return {
    camera,
    images,
    bytes: total((sum) => sum.bytes),
    pinned: total((sum) => sum.pinned),
    meanTimeLeft: expiring > 0 ? total((sum) => sum.left) / expiring : null,
    oldest,
    newest,
    imagesPerMinute: imagesPerMinute(sums),
    hours: sums.map((sum) => ({
      hour: sum.hour * hourMilliseconds,
      images: sum.images,
      motion: sum.motion,
      lux: sum.measured > 0 ? sum.lux / sum.measured : null,
      luxMin: sum.measured > 0 ? (sum.least ?? null) : null,
      luxMax: sum.measured > 0 ? (sum.most ?? null) : null,
    })),
  };
}

/** Of the last hours alone: one old image that is pinned or adopted would stretch the time over weeks without any. */
function imagesPerMinute(sums: readonly Sum[]): number {
  const last = sums.at(-1);
  if (last === undefined) return 0;
  let { images, oldest } = last;
  for (const sum of sums.slice(0, -1).reverse()) {
    if (images > 1 && sum.hour < last.hour - 1) break;
    images += sum.images;
    oldest = sum.oldest;
  }
  const minutes = (last.newest - oldest) / 60_000;
  return minutes > 0 ? (images - 1) / minutes : 0;
}
