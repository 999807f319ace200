import assert from 'node:assert/strict';
import { z } from 'zod';
import { offerLive } from '../../core/live-offers';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { CameraControl } from '../../gallery/gallery';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

const camerasSchema = z.strictObject({
  cameras: z.array(
    z.strictObject({
      camera: z.string(),
      images: z.number(),
      latest: z.object({ id: z.string(), url: z.string(), thumbnail_url: z.string() }).nullable(),
      available: z.boolean().nullable(),
      live: z.boolean(),
    }),
  ),
  actions: z.strictObject({ capture: z.boolean(), pin: z.boolean(), delete: z.boolean() }),
  now: z.number(),
});

const statisticsSchema = z.strictObject({
  cameras: z.array(
    z.strictObject({
      camera: z.string(),
      images: z.number(),
      bytes: z.number(),
      newest: z.iso.datetime().nullable(),
      oldest: z.iso.datetime().nullable(),
      images_per_minute: z.number(),
      hours: z.array(
        z.strictObject({
          hour: z.iso.datetime(),
          images: z.number(),
          lux: z.number().nullable(),
          lux_min: z.number().nullable(),
          lux_max: z.number().nullable(),
          motion: z.number(),
        }),
      ),
    }),
  ),
  redis: z.strictObject({ used_memory: z.number(), maxmemory: z.number() }).nullable(),
});

describe("the gallery's cameras and statistics", () => {
  const redis = new TestRedis();
  let server: GalleryServer;

  const control: CameraControl = {
    capture: () => Promise.resolve(),
    available: (camera) => (camera === 'front' ? true : null),
    onAvailability: () => () => undefined,
  };

  before(async () => {
    await redis.start(['--maxmemory', '100mb']);
    server = await new GalleryServer(redis).start();
  });
  after(async () => {
    await server.stop();
    await redis.stop();
  });
  beforeEach(() => server.renew({ control }));

  const get = async <T>(schema: z.ZodType<T>, path: string): Promise<T> => {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 200);
    return parseJson(schema, await response.text());
  };

  it('are listed with the newest image, and whether they are online and can be looked at live', async () => {
    await server.store.put(newImage({ capturedAt: Date.now() - 1000 }));
    const { id } = await server.store.put(newImage());
    const yard = await server.store.put(newImage({ camera: 'yard' }));
    await server.store.delete(yard.id);
    await server.connection.client.sAdd('house:cameras', '../odd');
    await offerLive(server.connection, new Map([['attic', { fps: 10, width: 640 }]]));
    await server.connection.client.hSet('house:live', { front: '{}', '../odd': '{}' });
    const { cameras, now } = await get(camerasSchema, 'api/cameras');
    const latest = { id, url: `images/${id}`, thumbnail_url: `thumbnails/${id}` };
    assert.deepEqual(cameras, [
      { camera: 'attic', images: 0, latest: null, available: null, live: true },
      { camera: 'front', images: 2, latest, available: true, live: true },
      { camera: 'yard', images: 0, latest: null, available: null, live: false },
    ]);
    assert.ok(Math.abs(now - Date.now()) < 60_000, `${now} is not the time in milliseconds`);
  });

  it('say what a visitor may do: to capture needs a broker too', async () => {
    const permissions = { capture: true, pin: true, delete: false };
    await server.renew({ permissions, control });
    assert.deepEqual((await get(camerasSchema, 'api/cameras')).actions, permissions);
    await server.renew({ permissions });
    assert.deepEqual((await get(camerasSchema, 'api/cameras')).actions, { ...permissions, capture: false });
  });

  it('are added up by the hour', async () => {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
    const long = { ttl: 100_000 };
    await server.store.put(newImage({ ...long, capturedAt: hour, lux: 10, trigger: 'motion' }));
    await server.store.put(newImage({ ...long, capturedAt: hour + 60_000, lux: 30 }));
    await server.store.put(newImage({ ...long, capturedAt: hour + 3_600_000 }));
    await server.connection.client.sAdd('house:cameras', '../odd');
    const { cameras, redis: memory } = await get(statisticsSchema, 'api/stats');
    const time = (after: number) => new Date(hour + after).toISOString();
    assert.deepEqual(cameras, [
      {
        camera: 'front',
        images: 3,
        bytes: 24,
        oldest: time(0),
        newest: time(3_600_000),
        images_per_minute: 2 / 60,
        hours: [
          { hour: time(0), images: 2, lux: 20, lux_min: 10, lux_max: 30, motion: 1 },
          { hour: time(3_600_000), images: 1, lux: null, lux_min: null, lux_max: null, motion: 0 },
        ],
      },
    ]);
    assert.equal(memory?.maxmemory, 100 * 1024 * 1024);
    assert.ok((memory?.used_memory ?? 0) > 100_000);
    const part = await get(statisticsSchema, `api/stats?camera=front&to=${time(60_000)}&from=${hour + 1}`);
    assert.deepEqual([part.cameras[0]?.images, part.cameras[0]?.newest], [1, time(60_000)]);
    const none = await get(statisticsSchema, 'api/stats?camera=moon');
    assert.deepEqual([none.cameras[0]?.images, none.cameras[0]?.newest], [0, null]);
  });

  it('take no parameter that they do not know', async () => {
    for (const query of ['limit=5', 'camera=..', 'from=x'])
      assert.equal((await fetch(`${server.url}api/stats?${query}`)).status, 400, query);
  });

  it('are added up once for many who ask the same', async () => {
    await server.store.put(newImage());
    const calls = async () => {
      const info = await server.connection.client.info('commandstats');
      return Number(/cmdstat_eval:calls=(\d+)/.exec(info)?.[1] ?? 0);
    };
    const before = await calls();
    await Promise.all(Array.from({ length: 20 }, () => get(statisticsSchema, 'api/stats?camera=front')));
    await get(statisticsSchema, 'api/stats?camera=front');
    assert.equal(await calls(), before + 1);
    await get(statisticsSchema, 'api/stats?camera=front&from=1');
    assert.equal(await calls(), before + 2);
  });

  it('show no memory where the access rules of Redis keep it to themselves', async () => {
    await server.connection.client.sendCommand(['ACL', 'SETUSER', 'guest', 'on', '>guest', '~*', '+@all', '-info']);
    const connection = new RedisConnection({ url: redis.url, prefix: 'house:', username: 'guest', password: 'guest' });
    connection.start();
    try {
      await connection.ready();
      await server.renew({ store: new RedisImageStore({ connection, ownsCameras: false }) });
      assert.equal((await get(statisticsSchema, 'api/stats')).redis, null);
    } finally {
      await connection.stop();
    }
  });
});
