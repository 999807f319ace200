import * as z from 'zod/mini';

const houseSchema = z.object({
  cameras: z.array(
    z.object({
      camera: z.string(),
      images: z.number(),
      bytes: z.number(),
      pinned: z.number(),
      images_per_minute: z.number(),
      mean_time_left: z.nullable(z.number()),
    }),
  ),
  redis: z.nullable(z.object({ used_memory: z.number(), maxmemory: z.number(), room: z.nullable(z.number()) })),
});

/** What lies in Redis of a camera. */
export interface StoredCamera {
  name: string;
  images: number;
  bytes: number;
  /** How many of the images are kept for ever. */
  pinned: number;
  perMinute: number;
  /** Mean time until those expire that do, in milliseconds; null where none does. */
  timeLeft: number | null;
}

/** All that lies in Redis, and its memory in bytes: null where it is not told, `limit` 0 where there is none. */
export interface House {
  cameras: StoredCamera[];
  memory: { used: number; limit: number; room: number | null } | null;
}

/** Reads the statistics of all cameras. Throws a ZodError for anything else. */
export function parseHouse(data: unknown): House {
  const { cameras, redis } = houseSchema.parse(data);
  return {
    cameras: cameras.map((each) => ({
      name: each.camera,
      images: each.images,
      bytes: each.bytes,
      pinned: each.pinned,
      perMinute: each.images_per_minute,
      timeLeft: each.mean_time_left === null ? null : each.mean_time_left * 1000,
    })),
    memory: redis && { used: redis.used_memory, limit: redis.maxmemory, room: redis.room },
  };
}

/** What is shown as 1.0. */
const almostOne = 0.95;

/** How often images come, in the unit that gives a number above one: `2 a minute`, `12 an hour`, `3 a day`. */
export function rateWords(perMinute: number): string {
  if (perMinute === 0) return '';
  if (perMinute >= almostOne) return `${tenths(perMinute)} a minute`;
  if (perMinute * 60 >= almostOne) return `${tenths(perMinute * 60)} an hour`;
  return `${tenths(perMinute * 60 * 24)} a day`;
}

/** A size in the units of redis.conf, in which 1 KB is 1,024 bytes: `212 MB`. */
export function memoryWords(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${tenths(bytes / 1024 ** step)} ${units[step]}`;
}

function tenths(value: number): string {
  const digits = { maximumFractionDigits: value < 10 ? 1 : 0 };
  return value.toLocaleString('en', digits);
}
