import type { RedisImageStore } from '../core/redis-image-store';
import { alternate, milliseconds } from './alternate';
import { fill } from './fill';
import { connectStore } from './store';
import type { Comparison } from './table';

/** The gallery's first page among 100,000 images of four cameras, against the same among 1,000. */
export async function benchList(redisUrl: string): Promise<Comparison[]> {
  const few = await connectStore(redisUrl, 'few:');
  const many = await connectStore(redisUrl, 'many:');
  await fill(few, 1000);
  await fill(many, 100_000);
  const page = (store: RedisImageStore) => milliseconds(() => store.list({ limit: 50 }));
  const [ours = [], theirs = []] = await alternate({ warmUp: 50, rounds: 400 }, [() => page(many), () => page(few)]);
  await Promise.all([few.connection.stop(), many.connection.stop()]);
  return [
    {
      name: 'first page of 50 at 100,000 images',
      ours,
      against: 'the same at 1,000 images',
      theirs,
      unit: 'ms',
      goal: { atMost: 1.5 },
    },
  ];
}
