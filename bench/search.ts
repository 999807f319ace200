import type { NewImage, TriggerName } from '../core/image';
import type { ImageQuery } from '../core/image-list';
import { RedisImageStore } from '../core/redis-image-store';
import { alternate, milliseconds } from './alternate';
import { fill } from './fill';
import { connectStore } from './store';
import type { Comparison } from './table';

const hour = 3_600_000;

/** What is rare among the images, and what is common. */
const searches: Record<string, { query: Partial<ImageQuery>; goal?: { atMost: number } }> = {
  'the 3 images with 5,000 lx and more': { query: { luxMin: 5000 }, goal: { atMost: 3 } },
  'the 10 images by button': { query: { trigger: 'button' }, goal: { atMost: 3 } },
  'the 20 pinned images that are dark': { query: { pinned: true, luxMax: 10 }, goal: { atMost: 3 } },
  'the bright ones by motion, where both are common': {
    query: { trigger: 'motion', luxMin: 900 },
    goal: { atMost: 3 },
  },
  'a camera, a trigger, ten hours, dark, pinned': {
    query: {
      cameras: ['front'],
      trigger: 'timer',
      from: Date.now() - 20 * hour,
      to: Date.now() - 10 * hour,
      luxMax: 10,
      pinned: true,
    },
    goal: { atMost: 3 },
  },
  'dark within five hours of day: none': { query: { luxMax: 10, from: Date.now() - 5 * hour }, goal: { atMost: 3 } },
  'bright within ten hours of night: none': {
    query: { luxMin: 100, from: Date.now() - 17 * hour, to: Date.now() - 7 * hour },
    goal: { atMost: 3 },
  },
  'the same by timer': {
    query: { trigger: 'timer', luxMin: 100, from: Date.now() - 17 * hour, to: Date.now() - 7 * hour },
    goal: { atMost: 3 },
  },
  'common: not pinned': { query: { pinned: false } },
  'common: dark, every second one': { query: { luxMax: 10 } },
  'common: dark, and as old as the night': { query: { luxMax: 10, to: Date.now() - 10 * hour } },
};

/** The gallery's first page of some filters among many images of four cameras, against that without a filter. */
export async function benchSearch(redisUrl: string, count: number): Promise<Comparison[]> {
  const { connection } = await connectStore(redisUrl, 'search:');
  const store = new RedisImageStore({ connection, ownsCameras: true });
  await fillDays(store, count);
  const page = (query: Partial<ImageQuery>) => milliseconds(() => store.list({ limit: 50, ...query }));
  const comparisons: Comparison[] = [];
  for (const [name, { query, goal }] of Object.entries(searches)) {
    const [ours = [], theirs = []] = await alternate({ warmUp: 10, rounds: 60 }, [() => page(query), () => page({})]);
    comparisons.push({
      name: `${name}, of ${count.toLocaleString('en')}`,
      ours,
      against: 'first page without a filter',
      theirs,
      unit: 'ms',
      ...(goal && { goal }),
    });
  }
  await connection.stop();
  return comparisons;
}

/**
 * Nights of twelve hours, the last of which ended six hours ago; by day 100 to 1,000 lx, at night up to 10. A third is
 * by motion, but few of the brightest.
 */
async function fillDays(store: RedisImageStore, count: number): Promise<void> {
  const rare = (at: number, images: number) => at % Math.floor(count / images) === 7;
  const describe = (at: number): Partial<NewImage> => {
    const secondsAgo = count - at;
    const night = Math.floor((secondsAgo / 3600 + 6) / 12) % 2 === 1;
    const lux = rare(at, 3) ? 5000 + at / count : night ? (at % 100) / 10 : 100 + (at % 900);
    const moved = at % 3 === 0 && (lux < 900 || at % 4500 === 807);
    const trigger: TriggerName = rare(at, 10) ? 'button' : moved ? 'motion' : 'timer';
    return { lux, trigger };
  };
  await fill(store, count, describe);
  const { client, keys } = store.connection;
  const dark = await client.zRange(keys.lit('front', 'timer'), 0, 10, { BY: 'SCORE' });
  const every = Math.floor(dark.length / 20);
  for (let at = 0; at < 20; at += 1) await store.pin(dark[at * every] ?? '');
}
