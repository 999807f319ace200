import { randomBytes } from 'node:crypto';
import type { NewImage } from '../core/image';
import type { RedisImageStore } from '../core/redis-image-store';
import { newImage } from '../test/support/new-image';

const cameras = ['front', 'garden', 'street', 'lake'];

/**
 * Stores small images of four cameras, a second apart, the newest of them now. `describe` is told the number of each,
 * from the oldest, and says what it has of its own.
 */
export async function fill(
  store: RedisImageStore,
  count: number,
  describe: (at: number) => Partial<NewImage> = () => ({}),
): Promise<void> {
  // Above 64 bytes, so that Redis keeps the hashes as it keeps those of real images.
  const image = newImage({ bytes: randomBytes(100), lux: 268, ttl: 10_000_000 });
  const first = Date.now() - count * 1000;
  const together = 2000;
  for (let from = 0; from < count; from += together) {
    const images = Array.from({ length: Math.min(together, count - from) }, (_, at) => ({
      ...image,
      camera: cameras[at % cameras.length] ?? 'front',
      capturedAt: first + (from + at) * 1000,
      ...describe(from + at),
    }));
    await Promise.all(images.map((each) => store.put(each)));
  }
}
