import type { RedisImageStore } from './redis-image-store';

/** What a camera's index tells at once, without a look at its images. */
export interface IndexFacts {
  /** How many entries it has: some of these images may have gone within the last minute. */
  images: number;
  /** When the newest was captured, in unix milliseconds; null where there is none. */
  newest: number | null;
}

/** Asks the index of a camera. Throws a LuxcamError `store_unavailable`. */
export async function indexFacts({ connection }: RedisImageStore, camera: string): Promise<IndexFacts> {
  const index = connection.keys.images(camera);
  try {
    return await connection.run(async (client) => {
      // Not ZCARD, which an agent's user need not be allowed.
      const [images, [newest]] = await Promise.all([
        client.zCount(index, '-inf', '+inf'),
        client.zRangeWithScores(index, -1, -1),
      ]);
      return { images, newest: newest?.score ?? null };
    });
  } catch (error) {
    throw connection.unavailable(`The images of ${camera} can not be counted`, error);
  }
}
