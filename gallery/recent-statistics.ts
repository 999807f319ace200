import { type CameraStatistics, imageStatistics } from '../core/image-statistics';
import { type RedisMemoryMessage, toRedisMemoryMessage } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import { redisMemory } from '../core/redis-memory';
import { cameraNames } from './cameras-json';
import type { StatisticsQuery } from './requests';

/** How long an answer is good enough for others who ask the same, in milliseconds. */
const shortestRest = 5000;
/** That of all images for longer, so that who asks all the time takes a hundredth of Redis' time; a minute at the most. */
const restPerWork = 100;
const longestRest = 60_000;
/** How many answers are kept. */
const mostAnswers = 100;

/** The answer of `api/stats`. */
export interface StatisticsJson {
  cameras: {
    camera: string;
    images: number;
    bytes: number;
    /** How many of the images are kept for ever. */
    pinned: number;
    /** In seconds, of the images that expire; null where there is none. */
    mean_time_left: number | null;
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
  /** Null where Redis' access rules keep us from asking. */
  redis: RedisMemoryMessage | null;
}

type Range = Omit<StatisticsQuery, 'hours'>;

const all = new WeakMap<RedisImageStore, RecentStatistics>();

/** The statistics of a store. Those who ask the same soon after another get the same answer. */
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
  async ask({ hours, ...range }: StatisticsQuery): Promise<StatisticsJson> {
    const answer = await this.answer(range);
    return hours ? answer : { ...answer, cameras: answer.cameras.map((each) => ({ ...each, hours: [] })) };
  }

  private answer(query: Range): Promise<StatisticsJson> {
    const key = JSON.stringify([query.camera, query.from, query.to]);
    const answer = this.answers.get(key);
    if (answer !== undefined && answer.until > Date.now()) return answer.json;
    this.answers.delete(key);
    const oldest = this.answers.keys().next();
    if (this.answers.size >= mostAnswers && !oldest.done) this.answers.delete(oldest.value);
    const began = Date.now();
    const added = { until: Number.POSITIVE_INFINITY, json: addUp(this.store, query) };
    this.answers.set(key, added);
    added.json.then(
      () => {
        const whole = query.from === undefined && query.to === undefined;
        const rest = whole ? Math.min((Date.now() - began) * restPerWork, longestRest) : 0;
        added.until = Date.now() + Math.max(rest, shortestRest);
      },
      () => this.answers.delete(key),
    );
    return added.json;
  }
}

async function addUp(store: RedisImageStore, { camera, from, to }: Range): Promise<StatisticsJson> {
  const cameras = camera === undefined ? await cameraNames(store) : [camera];
  const [statistics, redis] = await Promise.all([
    Promise.all(cameras.map((name) => imageStatistics(store, name, { from, to }))),
    redisMemory(store.connection),
  ]);
  return {
    cameras: statistics.map(toJson),
    redis: redis && toRedisMemoryMessage(redis),
  };
}

function toJson(statistics: CameraStatistics): StatisticsJson['cameras'][number] {
  return {
    camera: statistics.camera,
    images: statistics.images,
    bytes: statistics.bytes,
    pinned: statistics.pinned,
    mean_time_left: statistics.meanTimeLeft === null ? null : statistics.meanTimeLeft / 1000,
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
