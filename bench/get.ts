import { randomBytes } from 'node:crypto';
import { RESP_TYPES } from 'redis';
import { newImage } from '../test/support/new-image';
import { alternate, milliseconds } from './alternate';
import { BareRedis } from './bare-redis';
import { connectStore } from './store';
import type { Comparison } from './table';

/** Reading a 2 MB image with its description, against an HGET of the bytes alone by the same client. */
export async function benchGet(redisUrl: string): Promise<Comparison[]> {
  const store = await connectStore(redisUrl, 'get:');
  const size = 2_000_000;
  const { id, key } = await store.put(newImage({ bytes: randomBytes(size), thumbnail: randomBytes(12_000) }));
  const binary = store.connection.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const bare = await new BareRedis(redisUrl).start();

  const [get = [], hget = [], limit = []] = await alternate({ warmUp: 50, rounds: 600 }, [
    () => milliseconds(() => store.get(id)),
    () => milliseconds(() => binary.hGet(key, 'image_data')),
    () => milliseconds(() => bare.hGet(key, 'image_data', size)),
  ]);
  bare.stop();
  await store.connection.stop();
  return [
    {
      name: 'get of a 2 MB image',
      ours: get,
      against: 'HGET of image_data, same client',
      theirs: hget,
      unit: 'ms',
      goal: { atMost: 1.15 },
    },
    { name: '  the same get', ours: get, against: 'a bare socket: the limit', theirs: limit, unit: 'ms' },
  ];
}
