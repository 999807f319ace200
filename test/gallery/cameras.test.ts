import assert from 'node:assert/strict';
import { once } from 'node:events';
import { z } from 'zod';
import { offerLive } from '../../core/live-offers';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { CameraControl } from '../../gallery/gallery';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { readPrometheus } from '../support/prometheus';
import { TestRedis } from '../support/redis-server';

const camerasSchema = z.strictObject({
  cameras: z.array(
    z.strictObject({
      camera: z.string(),
      images: z.number(),
      latest: z.object({ id: z.string(), url: z.string(), thumbnail_url: z.string() }).nullable(),
      available: z.boolean().nullable(),
      live: z.boolean(),
      warnings: z.array(z.strictObject({ kind: z.string(), since: z.iso.datetime(), message: z.string() })),
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
      pinned: z.number(),
      mean_time_left: z.number().nullable(),
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
  redis: z.strictObject({ used_memory: z.number(), maxmemory: z.number(), room: z.number().nullable() }).nullable(),
});

describe("the gallery's cameras and statistics", () => {
  const redis = new TestRedis();
  let server: GalleryServer;

  const silent = { kind: 'silent', since: '2026-06-09T10:13:20.123Z', message: 'front is silent' };
  const control: CameraControl = {
    capture: () => Promise.resolve(),
    available: (camera) => (camera === 'front' ? true : null),
    warnings: (camera) => (camera === 'front' ? [silent] : []),
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
      { camera: 'attic', images: 0, latest: null, available: null, live: true, warnings: [] },
      { camera: 'front', images: 2, latest, available: true, live: true, warnings: [silent] },
      { camera: 'yard', images: 0, latest: null, available: null, live: false, warnings: [] },
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
    const { cameras: told, redis: memory } = await get(statisticsSchema, 'api/stats');
    const left = (told[0]?.mean_time_left ?? 0) - (hour + (100_000 + 1220) * 1000 - Date.now()) / 1000;
    assert.ok(Math.abs(left) < 5, `${left} s too many`);
    const cameras = told.map((each) => ({ ...each, mean_time_left: null }));
    const time = (after: number) => new Date(hour + after).toISOString();
    assert.deepEqual(cameras, [
      {
        camera: 'front',
        images: 3,
        bytes: 24,
        pinned: 0,
        mean_time_left: null,
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
    assert.equal((memory?.used_memory ?? 0) + (memory?.room ?? 0), memory?.maxmemory);
    const part = await get(statisticsSchema, `api/stats?camera=front&to=${time(60_000)}&from=${hour + 1}`);
    assert.deepEqual([part.cameras[0]?.images, part.cameras[0]?.newest], [1, time(60_000)]);
    const none = await get(statisticsSchema, 'api/stats?camera=moon');
    assert.deepEqual([none.cameras[0]?.images, none.cameras[0]?.newest], [0, null]);
    const short = await get(statisticsSchema, 'api/stats?hours=false');
    assert.deepEqual([short.cameras[0]?.images, short.cameras[0]?.hours], [3, []]);
  });

  it('tell the mean time left of those that expire, and apart how many are kept', async () => {
    // Before now, also those that are dated a millisecond later because one of theirs is there.
    const capturedAt = Date.now() - 1000;
    await server.store.put(newImage({ capturedAt, ttl: 100 }));
    await server.store.put(newImage({ capturedAt, ttl: 300 }));
    const kept = await server.store.put(newImage({ capturedAt, ttl: 5000 }));
    await server.store.pin(kept.id);
    const [front] = (await get(statisticsSchema, 'api/stats')).cameras;
    assert.deepEqual([front?.images, front?.pinned], [3, 1]);
    const left = front?.mean_time_left ?? 0;
    assert.ok(left > 150 && left <= 200, `${left} s`);
    const pinned = await get(statisticsSchema, `api/stats?from=${kept.capturedAt}&to=${kept.capturedAt}`);
    assert.deepEqual([pinned.cameras[0]?.pinned, pinned.cameras[0]?.mean_time_left], [1, null]);
  });

  it('add up more than one script call can', async () => {
    const long = Array.from({ length: 2100 }, (_, at) => newImage({ capturedAt: Date.now() - at * 1000, ttl: 7200 }));
    await Promise.all(long.map((image) => server.store.put(image)));
    const [front] = (await get(statisticsSchema, 'api/stats')).cameras;
    assert.deepEqual([front?.images, front?.bytes], [2100, 2100 * 8]);
  });

  it('are metrics of Prometheus', async () => {
    await server.store.put(newImage({ capturedAt: Date.now() - 60_000 }));
    const { capturedAt } = await server.store.put(newImage());
    await server.store.put(newImage({ camera: 'yard' }));
    const response = await fetch(`${server.url}metrics`);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const metrics = readPrometheus(await response.text());
    const value = (name: string, labels = '') => metrics.get(name)?.values.get(labels);
    const front = '{camera="front"}';
    assert.ok([...metrics.values()].every(({ type, help }) => type === 'gauge' && help !== ''));
    assert.deepEqual(
      ['images', 'pinned_images', 'image_bytes', 'camera_available'].map((name) => value(`luxcam_${name}`, front)),
      [2, 0, 16, 1],
    );
    assert.equal(value('luxcam_newest_image_timestamp_seconds', front), capturedAt / 1000);
    assert.ok(Math.abs((value('luxcam_images_per_minute', front) ?? 0) - 1) < 0.1);
    assert.ok((value('luxcam_time_left_seconds', front) ?? 0) > 3500);
    assert.equal(value('luxcam_images', '{camera="yard"}'), 1);
    assert.equal(value('luxcam_camera_available', '{camera="yard"}'), undefined, 'nobody knows');
    assert.deepEqual([...(metrics.get('luxcam_warning')?.values ?? [])], [['{camera="front",kind="silent"}', 1]]);
    const limit = 100 * 1024 * 1024;
    assert.equal(value('luxcam_redis_memory_limit_bytes'), limit);
    assert.equal((value('luxcam_redis_memory_bytes') ?? 0) + (value('luxcam_redis_room_bytes') ?? 0), limit);
    assert.equal(value('luxcam_redis_connected'), 1);
  });

  it('are metrics that cost little: only the newest image and how many there are is asked each time', async () => {
    await server.store.put(newImage());
    const scrape = async () => readPrometheus(await (await fetch(`${server.url}metrics`)).text());
    await scrape();
    await server.connection.client.configResetStat();
    const { capturedAt } = await server.store.put(newImage());
    const metrics = await scrape();
    assert.equal(metrics.get('luxcam_images')?.values.get('{camera="front"}'), 2);
    const newest = metrics.get('luxcam_newest_image_timestamp_seconds')?.values.get('{camera="front"}');
    assert.equal(newest, capturedAt / 1000);
    const commands = await server.connection.client.info('commandstats');
    assert.match(commands, /cmdstat_zcount:/);
    assert.doesNotMatch(commands, /cmdstat_(eval|hmget):/);
  });

  it('are metrics that say so when Redis is away', async () => {
    const other = await new TestRedis().start();
    const connection = new RedisConnection({ url: other.url, prefix: 'house:' });
    connection.start();
    try {
      await connection.ready();
      await server.renew({ store: new RedisImageStore({ connection, ownsCameras: false }) });
      const gone = once(connection, 'state');
      await other.kill();
      await gone;
      const response = await fetch(`${server.url}metrics`);
      assert.equal(response.status, 200);
      const metrics = readPrometheus(await response.text());
      assert.deepEqual([...metrics.keys()], ['luxcam_redis_connected']);
      assert.equal(metrics.get('luxcam_redis_connected')?.values.get(''), 0);
    } finally {
      await connection.stop();
      await other.stop();
    }
  });

  it('take no parameter that they do not know', async () => {
    for (const query of ['limit=5', 'camera=..', 'from=x', 'hours=few'])
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
      await server.store.put(newImage());
      assert.equal((await get(statisticsSchema, 'api/stats')).redis, null);
      const metrics = readPrometheus(await (await fetch(`${server.url}metrics`)).text());
      assert.equal(metrics.get('luxcam_images')?.values.get('{camera="front"}'), 1);
      assert.ok(!metrics.has('luxcam_redis_memory_bytes'));
    } finally {
      await connection.stop();
    }
  });
});
