import { type CameraStatistics, imageStatistics } from '../core/image-statistics';
import type { RedisImageStore } from '../core/redis-image-store';
import { redisInfo } from '../core/redis-info';
import { cameraNames } from './cameras-json';
import type { StatisticsQuery } from './requests';

/** How long an answer is good enough for others who ask the same. */
const freshMilliseconds = 5000;
/** How many answers are kept. */
const mostAnswers = 100;

/** The answer of `api/stats`. */
export interface StatisticsJson {
  cameras: {
    camera: string;
    images: number;
    bytes: number;
    /** ISO 8601; null where there is no image. */
    newest: string | null;
    oldest: string | null;
    images_per_minute: number;
    hours: {
      hour: string;
      images: number;
      lux: number | null;
      lux_min: number | null;
      lux_max: number | null;
      motion: number;
    }[];
  }[];
  /** In bytes; `maxmemory` is 0 where there is no limit. Null where Redis' access rules keep us from asking. */
  redis: { used_memory: number; maxmemory: number } | null;
}

const all = new WeakMap<RedisImageStore, RecentStatistics>();

/** The statistics of a store. Those who ask the same within a few seconds get the same answer. */
export class RecentStatistics {
  private readonly store: RedisImageStore;
  private readonly answers = new Map<string, { until: number; json: Promise<StatisticsJson> }>();

  private constructor(store: RedisImageStore) {
    this.store = store;
  }

  /** The one collection of a store's statistics. */
  static of(store: RedisImageStore): RecentStatistics {
    const statistics = all.get(store) ?? new RecentStatistics(store);
    all.set(store, statistics);
    return statistics;
  }

  /** Throws a LuxcamError `store_unavailable`. */
  ask(query: StatisticsQuery): Promise<StatisticsJson> {
    const key = JSON.stringify([query.camera, query.from, query.to]);
    const answer = this.answers.get(key);
    if (answer !== undefined && answer.until > Date.now()) return answer.json;
    this.answers.delete(key);
    const oldest = this.answers.keys().next();
    if (this.answers.size >= mostAnswers && !oldest.done) this.answers.delete(oldest.value);
    const json = addUp(this.store, query);
    this.answers.set(key, { until: Date.now() + freshMilliseconds, json });
    json.catch(() => this.answers.delete(key));
    return json;
  }
}

async function addUp(store: RedisImageStore, { camera, ...range }: StatisticsQuery): Promise<StatisticsJson> {
  const cameras = camera === undefined ? await cameraNames(store) : [camera];
  const [statistics, redis] = await Promise.all([
    Promise.all(cameras.map((name) => imageStatistics(store, name, range))),
    redisMemory(store),
  ]);
  return { cameras: statistics.map(toJson), redis };
}

function toJson(statistics: CameraStatistics): StatisticsJson['cameras'][number] {
  return {
    camera: statistics.camera,
    images: statistics.images,
    bytes: statistics.bytes,
    newest: isoTime(statistics.newest),
    oldest: isoTime(statistics.oldest),
    images_per_minute: statistics.imagesPerMinute,
    hours: statistics.hours.map(({ hour, images, lux, luxMin, luxMax, motion }) => ({
      hour: new Date(hour).toISOString(),
      images,
      lux,
      lux_min: luxMin,
      lux_max: luxMax,
      motion,
    })),
  };
}

function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

async function redisMemory({ connection }: RedisImageStore): Promise<StatisticsJson['redis']> {
  const info = await redisInfo(connection, 'memory');
  return info && { used_memory: Number(info.get('used_memory') ?? 0), maxmemory: Number(info.get('maxmemory') ?? 0) };
}
