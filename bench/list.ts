import { randomBytes } from 'node:crypto';
import type { RedisImageStore } from '../core/redis-image-store';
import { newImage } from '../test/support/new-image';
import { alternate, milliseconds } from './alternate';
import { connectStore } from './store';
import type { Comparison } from './table';

const cameras = ['front', 'garden', 'street', 'lake'];

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

/** Stores small images, a second apart, the newest of them now. */
async function fill(store: RedisImageStore, count: number): Promise<void> {
  // Above 64 bytes, so that Redis keeps the hashes as it keeps those of real images.
  const image = newImage({ bytes: randomBytes(100), lux: 268, ttl: 1_000_000 });
  const first = Date.now() - count * 1000;
  const together = 2000;
  for (let from = 0; from < count; from += together) {
    const images = Array.from({ length: Math.min(together, count - from) }, (_, at) => ({
      ...image,
      camera: cameras[at % cameras.length] ?? 'front',
      capturedAt: first + (from + at) * 1000,
    }));
    await Promise.all(images.map((each) => store.put(each)));
  }
}
