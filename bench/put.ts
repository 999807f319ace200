import { randomBytes } from 'node:crypto';
import { descriptionFields } from '../core/image-hash';
import { newImage } from '../test/support/new-image';
import { alternate, milliseconds } from './alternate';
import { connectStore } from './store';
import type { Comparison } from './table';

/** Storing a 2 MB image with index, feed and outbox, against an HSET of the same fields by the same client. */
export async function benchPut(redisUrl: string): Promise<Comparison[]> {
  const store = await connectStore(redisUrl, 'put:');
  const { client } = store.connection;
  const image = newImage({ bytes: randomBytes(2_000_000), thumbnail: randomBytes(12_000), lux: 268 });
  const sample = await store.put(image);
  const description = await client.hmGet(sample.key, [...descriptionFields]);
  const fields = {
    image_data: image.bytes,
    thumbnail_data: image.thumbnail ?? '',
    ...Object.fromEntries(descriptionFields.map((field, at) => [field, description[at] ?? ''])),
  };

  let plainKey = 0;
  const [put = [], hset = []] = await alternate({ warmUp: 50, rounds: 600 }, [
    async () => {
      let key = '';
      const time = await milliseconds(async () => {
        key = (await store.put({ ...image, capturedAt: Date.now() })).key;
      });
      await client.unlink(key);
      return time;
    },
    async () => {
      plainKey += 1;
      const key = `put:plain:${plainKey}`;
      const time = await milliseconds(() => client.hSet(key, fields));
      await client.unlink(key);
      return time;
    },
  ]);
  await store.connection.stop();
  return [
    {
      name: 'put of a 2 MB image',
      ours: put,
      against: 'HSET of the same fields, same client',
      theirs: hset,
      unit: 'ms',
      goal: { atMost: 1.15 },
    },
  ];
}
