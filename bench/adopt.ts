import { RESP_TYPES } from 'redis';
import sharp from 'sharp';
import { Adoption } from '../agent/adopt/adoption';
import { CameraNames } from '../agent/adopt/camera-names';
import { OldImages } from '../agent/adopt/old-images';
import { layoutNames } from '../agent/adopt/old-layouts';
import type { RedisImageStore } from '../core/redis-image-store';
import { differentJpeg, storeAsEdgeVideo } from '../test/support/old-images';
import { alternate, milliseconds } from './alternate';
import { connectStore } from './store';
import type { Comparison } from './table';

const images = 1000;

/** Adopting a thousand frames of edge-video, without thumbnails, against a GET and a SET of each by the same client. */
export async function benchAdopt(redisUrl: string): Promise<Comparison[]> {
  const store = await connectStore(redisUrl, 'adopt:');
  const { client } = store.connection;
  const frame = await sharp({ create: { width: 1280, height: 720, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const keys = await Promise.all(
    Array.from({ length: images }, (_image, sequence) => {
      const nanoseconds = BigInt(Date.now()) * 1_000_000n + BigInt(sequence) * 33_000_000n;
      const place = { vhost: 'bench', camera: `cam${sequence % 10}`, nanoseconds, sequence };
      return storeAsEdgeVideo(client, place, differentJpeg(frame), 3600);
    }),
  );
  const [adopting = [], copying = []] = await alternate({ warmUp: 2, rounds: 15 }, [
    async () => {
      const time = await milliseconds(() => adopt(store));
      await forget(store);
      return time / images;
    },
    async () => {
      const time = await milliseconds(() => copy(store, keys));
      await client.unlink(keys.map((key) => `adopt:plain:${key}`));
      return time / images;
    },
  ]);
  await client.unlink(keys);
  await store.connection.stop();
  return [
    {
      name: `adopting an image of ${Math.round(frame.length / 1024)} KB`,
      ours: adopting,
      against: 'GET, then SET, same client',
      theirs: copying,
      unit: 'ms',
    },
  ];
}

async function adopt(store: RedisImageStore): Promise<void> {
  const { connection } = store;
  const adoption = new Adoption({
    store,
    sources: [new OldImages({ connection, layouts: layoutNames, ownPrefix: connection.keys.prefix })],
    sourceName: '',
    names: new CameraNames({ connection, piCamera: 'default', source: '', keep: true }),
    agent: 'bench',
    move: false,
    dryRun: false,
    thumbnails: false,
    onProgress: () => {},
  });
  const { signal } = new AbortController();
  await adoption.survey(signal);
  await adoption.bring(signal);
  if (adoption.adopted !== images) throw new Error(`${adoption.adopted} of ${images} images were adopted`);
}

async function copy({ connection: { client } }: RedisImageStore, keys: readonly string[]): Promise<void> {
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const rest = keys.values();
  const worker = async () => {
    for (const key of rest) await client.set(`adopt:plain:${key}`, (await binary.get(key)) ?? '');
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function forget({ connection: { client, keys } }: RedisImageStore): Promise<void> {
  for (const camera of await client.sMembers(keys.cameras())) {
    const ids = await client.zRange(keys.images(camera), 0, -1);
    await client.unlink([...ids.map((id) => keys.image(id)), keys.adopted(camera), ...keys.indexes(camera)]);
  }
}
