import assert from 'node:assert/strict';
import { createClient, RESP_TYPES } from 'redis';
import { imageStatistics } from '../../core/image-statistics';
import { LuxcamError } from '../../core/luxcam-error';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { StreamEntry } from '../../core/stream-follower';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

describe('RedisImageStore', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  const client = () => connection.client;

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await client().flushAll();
    store = new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
  });

  describe('put', () => {
    it('writes the hash of the contract, with the bytes as they are', async () => {
      const image = newImage({ lux: 268.5, thumbnail: Buffer.from([0xff, 0xd8, 0x80]), meta: { gain: 1.5 } });
      const { id } = await store.put(image);
      const hash = await client()
        .withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
        .hGetAll(`house:image:${id}`);
      assert.deepEqual(hash.image_data, image.bytes);
      assert.deepEqual(hash.thumbnail_data, image.thumbnail);
      const text = Object.fromEntries(Object.entries(hash).map(([field, value]) => [field, value.toString()]));
      assert.equal(text.mime_type, 'image/jpeg');
      assert.equal(text.timestamp, `${Math.floor(image.capturedAt / 1000)}`);
      assert.equal(text.timestamp_ms, `${image.capturedAt}`);
      assert.equal(text.expires_at, `${image.capturedAt + 3_600_000}`);
      assert.equal(text.lux, '268.5');
      assert.equal(text.sha256, image.sha256);
      assert.deepEqual(
        [text.ttl, text.camera, text.agent, text.trigger, text.trigger_source, text.width, text.height, text.size],
        ['3600', 'front', 'pi1', 'timer', 'timer', '2304', '1296', '8'],
      );
      assert.equal(text.meta, '{"gain":1.5}');
      assert.equal(text.sequence, '1');
    });

    it('leaves lux out where the camera can not tell', async () => {
      const { key } = await store.put(newImage());
      assert.equal(await client().hExists(key, 'lux'), 0);
      assert.equal(await client().exists('house:lit:front:timer'), 0);
    });

    it('lets the image expire its ttl after the capture, not after the put', async () => {
      const { key } = await store.put(newImage({ capturedAt: Date.now() - 50_000, ttl: 60 }));
      const left = await client().pTTL(key);
      assert.ok(left > 0 && left <= 10_000, `${left} ms are left`);
    });

    it('gives two images of the same millisecond different ids, in order', async () => {
      const at = Date.now();
      const [first, second] = await Promise.all([
        store.put(newImage({ capturedAt: at })),
        store.put(newImage({ capturedAt: at })),
      ]);
      assert.deepEqual([first.id, second.id], [`front:${at}`, `front:${at + 1}`]);
      assert.deepEqual([first.sequence, second.sequence], [1, 2]);
    });

    it('goes on behind the newest image and the last number after a restart', async () => {
      const future = Date.now() + 30_000;
      await store.put(newImage({ capturedAt: future }));
      const restarted = new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
      const next = await restarted.put(newImage());
      assert.deepEqual([next.id, next.sequence], [`front:${future + 1}`, 2]);
    });

    it('gives ids of now, and none twice, although images with a time far ahead lie in the index', async () => {
      const future = Date.now() + 3_600_000;
      const flow = new RedisImageStore({ connection, ownsCameras: false });
      for (const capturedAt of [future, future + 1]) await flow.put(newImage({ capturedAt }));
      const capturedAt = Date.now();
      const now = await store.put(newImage({ capturedAt }));
      assert.equal(now.id, `front:${capturedAt}`);
      const later = [await store.put(newImage({ capturedAt: future })), await store.put(newImage())];
      assert.deepEqual(
        later.map(({ id }) => id),
        [`front:${future + 2}`, `front:${future + 3}`],
      );
      assert.equal((await store.list({ limit: 10 })).images.length, 5);
    });

    it('never gives writers that share a camera the same id or number', async () => {
      const capturedAt = Date.now();
      const writers = [1, 2, 3].map(() => new RedisImageStore({ connection, ownsCameras: false }));
      const stored = await Promise.all(
        writers.flatMap((writer) => [1, 2, 3, 4].map(() => writer.put(newImage({ capturedAt })))),
      );
      assert.equal(new Set(stored.map((image) => image.id)).size, 12);
      assert.deepEqual(
        stored.map((image) => image.sequence).sort((a, b) => a - b),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      );
    });

    it('stores an image whose answer was lost only once, also where its id carries a later time', async () => {
      const capturedAt = Date.now();
      const same = { capturedAt, bytes: Buffer.from('the same') };
      await store.put(newImage({ capturedAt }));
      const stored = await store.put(newImage(same));
      assert.equal(stored.id, `front:${capturedAt + 1}`);
      assert.deepEqual(await store.put(newImage({ ...same, replayed: true })), stored);
      const another = await store.put(newImage({ ...same, capturedAt: capturedAt - 1, replayed: true }));
      assert.equal(another.sequence, 3, 'an image of another time is another one, though its bytes are the same');
      assert.deepEqual(await store.put(newImage({ ...same, capturedAt: capturedAt - 1, replayed: true })), another);
      assert.equal((await store.list({ limit: 10 })).images.length, 3);
    });

    it('says in words what is wrong when the memory is full, and counts no number for it', async () => {
      await client().configSet({ maxmemory: '1mb', 'maxmemory-policy': 'noeviction' });
      try {
        await assert.rejects(store.put(newImage()), (error: unknown) => {
          assert.ok(error instanceof LuxcamError);
          assert.equal(error.code, 'store_unavailable');
          assert.match(error.message, /memory is full: raise 'maxmemory'/);
          return true;
        });
      } finally {
        await client().configSet({ maxmemory: '0' });
      }
      assert.equal((await store.put(newImage())).sequence, 1);
    });
  });

  describe('get', () => {
    it('returns the bytes and what was said of them', async () => {
      const image = newImage({
        lux: 3,
        trigger: 'motion',
        triggerSource: 'gpio27',
        thumbnail: Buffer.from([0xff, 0x00]),
      });
      const stored = await store.put(image);
      assert.deepEqual(await store.get(stored.id), { image: stored, bytes: image.bytes });
      assert.deepEqual(await store.thumbnail(stored.id), { image: stored, thumbnail: image.thumbnail });
      assert.deepEqual(await store.describe(stored.id), stored);
    });

    it('knows neither images that are gone nor ids that are only claimed', async () => {
      await client().hSet('house:image:front:5', 'camera', 'front');
      assert.equal(await store.get('front:4'), null);
      assert.equal(await store.get('front:5'), null);
    });

    it('reads an image whose other fields are nonsense', async () => {
      const { id, key } = await store.put(newImage());
      await client().hSet(key, { meta: '{broken', lux: 'bright', trigger: 'ghost', expires_at: '' });
      const image = await store.describe(id);
      assert.deepEqual([image?.meta, image?.lux, image?.trigger, image?.expiresAt], [{}, null, 'adopted', null]);
    });
  });

  describe('list', () => {
    const start = 1_781_000_000_000;
    const put = (at: number, given: Parameters<typeof newImage>[0] = {}) =>
      store.put(newImage({ capturedAt: start + at, ttl: 315_360_000, ...given }));

    it('is newest first over all cameras, page by page, each image once', async () => {
      for (let at = 0; at < 10; at += 1) await put(at, { camera: at % 3 === 0 ? 'garden' : 'front' });
      await put(4, { camera: 'attic' });
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await store.list({ limit: 3, ...(cursor && { cursor }) });
        seen.push(...page.images.map((image) => image.id.replace(`${start}`.slice(0, -1), '')));
        if (page.next === null) break;
        cursor = page.next;
      }
      assert.deepEqual(seen, [
        ...['garden:9', 'front:8', 'front:7', 'garden:6', 'front:5', 'attic:4', 'front:4', 'garden:3'],
        ...['front:2', 'front:1', 'garden:0'],
      ]);
    });

    it('filters by camera, trigger, time, lux and pinned, also together', async () => {
      await put(1, { lux: 10, trigger: 'motion' });
      await put(2, { lux: 200 });
      await put(3, { lux: 3000, trigger: 'motion' });
      await put(4, { camera: 'garden', lux: 200, trigger: 'motion' });
      await store.pin(`front:${start + 2}`);
      const times = async (query: object) =>
        (await store.list({ limit: 50, ...query })).images.map((image) => image.capturedAt - start);
      assert.deepEqual(await times({ cameras: ['front'] }), [3, 2, 1]);
      assert.deepEqual(await times({ trigger: 'motion' }), [4, 3, 1]);
      assert.deepEqual(await times({ from: start + 2, to: start + 3 }), [3, 2]);
      assert.deepEqual(await times({ luxMin: 100, luxMax: 1000 }), [4, 2]);
      assert.deepEqual(await times({ pinned: true }), [2]);
      assert.deepEqual(await times({ pinned: false }), [4, 3, 1]);
      assert.deepEqual(await times({ cameras: ['front'], trigger: 'motion', luxMax: 100 }), [1]);
    });

    it('finds a rare match behind thousands of others', async () => {
      await put(0, { lux: 5 });
      await Promise.all(Array.from({ length: 3000 }, (_, at) => put(at + 1, { lux: 500 })));
      const page = await store.list({ limit: 2, luxMax: 10 });
      assert.deepEqual([page.images.map((image) => image.lux), page.next], [[5], null]);
    });

    it('never shows an image that has expired or was deleted, evicted or removed by hand', async () => {
      await Promise.all([1, 2, 3, 4].map((at) => put(at)));
      await store.delete(`front:${start + 1}`);
      await client().unlink(`house:image:front:${start + 2}`);
      await client().pExpire(`house:image:front:${start + 3}`, 0);
      const page = await store.list({ limit: 1 });
      assert.deepEqual([page.images.map((image) => image.capturedAt - start), page.next], [[4], null]);
    });

    it('passes over what others have put into the index', async () => {
      await put(1);
      await put(2);
      await client().zAdd('house:images:front', { score: start + 3, value: 'config:../../secret' });
      const first = await store.list({ limit: 1 });
      const second = await store.list({ limit: 1, cursor: first.next ?? '' });
      const seen = [...first.images, ...second.images].map(({ capturedAt }) => capturedAt - start);
      assert.deepEqual([seen, second.next], [[2, 1], null]);
    });
  });

  it('trims the index of images that are gone, and only of them', async () => {
    const kept = await store.put(newImage({ trigger: 'motion', lux: 5 }));
    const gone = await Promise.all(
      Array.from({ length: 2500 }, () => store.put(newImage({ trigger: 'motion', lux: 5, capturedAt: 1000 }))),
    );
    await client().unlink(gone.map((image) => image.key));
    assert.equal(await store.trimIndex(), 2500);
    assert.deepEqual(await client().zRange('house:images:front', 0, -1), [kept.id]);
    assert.deepEqual(await client().zRange('house:triggered:front:motion', 0, -1), [kept.id]);
    assert.deepEqual(await client().zRangeWithScores('house:lit:front:motion', 0, -1), [{ value: kept.id, score: 5 }]);
  });

  it('keeps a pinned image for ever, and lets it expire its ttl after the unpin', async () => {
    const { id, key } = await store.put(newImage({ ttl: 60 }));
    assert.equal((await store.pin(id))?.expiresAt, null);
    assert.deepEqual([await client().pTTL(key), await client().hGet(key, 'expires_at')], [-1, '0']);
    const unpinned = await store.unpin(id);
    const left = await client().pTTL(key);
    assert.ok(left > 55_000 && left <= 60_000, `${left} ms are left`);
    assert.equal(await client().hGet(key, 'expires_at'), `${unpinned?.expiresAt}`);
    assert.equal(await store.pin('front:1'), null, 'what is gone can not be pinned');
    assert.equal(await client().exists('house:image:front:1'), 0);
  });

  it('adds to the meta of an image and leaves its expiry and the feed alone, also with many writers at once', async () => {
    const { id, key } = await store.put(
      newImage({ ttl: 60, meta: { gain: 1.5, exact: 0.1234567890123456, list: [] } }),
    );
    const names = Array.from({ length: 20 }, (_, number) => `writer${number}`);
    await Promise.all(names.map((name) => store.addMeta(id, { [name]: true })));
    const changed = await store.addMeta(id, { gain: 2, label: 'cat' });
    const expected = {
      gain: 2,
      exact: 0.1234567890123456,
      list: [],
      ...Object.fromEntries(names.map((name) => [name, true])),
      label: 'cat',
    };
    assert.deepEqual(changed?.meta, expected);
    assert.deepEqual(await store.describe(id), changed);
    const left = await client().pTTL(key);
    assert.ok(left > 55_000 && left <= 60_000, `${left} ms are left`);
    assert.equal(await client().xLen('house:events'), 1);
  });

  it('adds no meta to an image that is gone, and no more than 16 KB to any', async () => {
    assert.equal(await store.addMeta('front:1', { label: 'cat' }), null);
    assert.equal(await client().exists('house:image:front:1'), 0);
    const stored = await store.put(newImage({ meta: { label: 'cat' } }));
    await assert.rejects(store.addMeta(stored.id, { text: 'x'.repeat(16_380) }), /larger than 16 KB/);
    assert.deepEqual(await store.describe(stored.id), stored);
  });

  it('adds to a meta that another program wrote and nobody can read', async () => {
    for (const written of ['{"lens":"weitwinklig f\xfcr T\xfcren"}', '{', '[1]', 'null']) {
      const { id, key } = await store.put(newImage());
      await client().hSet(key, { meta: Buffer.from(written, 'latin1') });
      const changed = await store.addMeta(id, { label: 'cat' });
      assert.equal(changed?.meta.label, 'cat', written);
      assert.deepEqual(await store.describe(id), changed);
    }
  });

  it('deletes an image everywhere and says what it was', async () => {
    const stored = await store.put(newImage({ lux: 5 }));
    assert.deepEqual(await store.delete(stored.id), stored);
    const keys = [stored.key, 'house:images:front', 'house:triggered:front:timer', 'house:lit:front:timer'];
    assert.equal(await client().exists(keys), 0);
    assert.equal(await store.delete(stored.id), null);
  });

  it('deletes an image once, though two want to, and tells it once', async () => {
    const { id } = await store.put(newImage());
    const deleted = await Promise.all([store.delete(id), store.delete(id)]);
    assert.deepEqual(
      deleted.map((image) => image?.id),
      [id, undefined],
    );
    assert.equal(await client().xLen('house:events'), 2);
  });

  it('deletes, pins and unpins images of a Redis that is full', async () => {
    const { id } = await store.put(newImage());
    await client().configSet({ 'maxmemory-policy': 'noeviction', maxmemory: '1mb' });
    try {
      await assert.rejects(store.put(newImage()), /OOM/);
      assert.equal((await store.pin(id))?.expiresAt, null);
      const unpinned = await store.unpin(id);
      assert.deepEqual(await store.describe(id), unpinned);
      assert.ok((await client().pTTL(unpinned?.key ?? '')) > 0);
      assert.equal((await store.delete(id))?.id, id);
      assert.equal(await store.get(id), null);
    } finally {
      await client().configSet('maxmemory', '0');
    }
  });

  it('adds up images by the hour', async () => {
    const hour = 3_600_000;
    const start = Math.floor(Date.now() / hour) * hour;
    const put = (at: number, given: Parameters<typeof newImage>[0]) =>
      store.put(newImage({ capturedAt: start + at, ttl: 7200, ...given }));
    await put(1000, { lux: 10 });
    await put(2000, { lux: 30, trigger: 'motion' });
    await put(hour, {});
    const { meanTimeLeft, ...statistics } = await imageStatistics(store, 'front');
    assert.ok(meanTimeLeft !== null && meanTimeLeft > 0);
    assert.deepEqual(statistics, {
      camera: 'front',
      images: 3,
      bytes: 24,
      oldest: start + 1000,
      newest: start + hour,
      imagesPerMinute: 2 / ((hour - 1000) / 60_000),
      pinned: 0,
      hours: [
        { hour: start, images: 2, motion: 1, lux: 20, luxMin: 10, luxMax: 30 },
        { hour: start + hour, images: 1, motion: 0, lux: null, luxMin: null, luxMax: null },
      ],
    });
  });

  describe('images a minute', () => {
    const day = 86_400_000;
    const pace = async () => (await imageStatistics(store, 'front')).imagesPerMinute;
    const putAll = async (first: number, count: number, interval: number) => {
      for (let at = 0; at < count; at += 1)
        await store.put(newImage({ capturedAt: first + at * interval, ttl: 10_000_000 }));
    };

    it('are those of the last seconds, although an image of a month ago is still there', async () => {
      const old = await store.put(newImage({ capturedAt: Date.now() - 30 * day, ttl: 10_000_000 }));
      await store.pin(old.id);
      await putAll(Date.now() - 15_000, 16, 1000);
      assert.equal(await pace(), 60);
    });

    it('are right for a camera that goes on for days, and for one that is slow', async () => {
      await putAll(Date.now() - 5 * day, 5 * 24 * 6, 600_000);
      assert.equal(await pace(), 0.1);
      await client().flushAll();
      store = new RedisImageStore({ connection, ownsCameras: true });
      assert.equal(await pace(), 0);
      await putAll(Date.now() - 2 * day, 3, day);
      assert.equal(await pace(), 1 / (24 * 60));
    });
  });

  describe('events', () => {
    const next = async (feed: AsyncGenerator<StreamEntry>) => {
      const { value } = await feed.next();
      return value.type === 'reset' ? 'reset' : `${value.announcement.event} ${value.announcement.camera}`;
    };

    it('tell of each capture, pin and deletion, from any entry on', async () => {
      const stop = new AbortController();
      const feed = store.events('0-0', stop.signal);
      const first = next(feed);
      const { id } = await store.put(newImage());
      await store.pin(id);
      await store.unpin(id);
      await store.delete(id);
      const rest = [await first, await next(feed), await next(feed), await next(feed)];
      assert.deepEqual(rest, ['captured front', 'pinned front', 'unpinned front', 'deleted front']);
      stop.abort();
      assert.equal((await feed.next()).done, true);
    });

    it('go on after Redis came back, and say so when entries were lost with it', async () => {
      const own = await new TestRedis().start();
      const ownConnection = new RedisConnection({ url: own.url, prefix: '' });
      ownConnection.start();
      const ownStore = new RedisImageStore({ connection: ownConnection, ownsCameras: true });
      const stop = new AbortController();
      try {
        await ownConnection.ready();
        const feed = ownStore.events('0-0', stop.signal);
        await ownStore.put(newImage());
        assert.equal(await next(feed), 'captured front');
        const afterLoss = next(feed);
        const offline = new Promise((resolve) => ownConnection.once('state', resolve));
        await own.kill();
        assert.equal(await offline, 'offline');
        await assert.rejects(ownStore.put(newImage()), /could not be stored: Redis at 127\.0\.0\.1:\d+ answers/);
        await own.resume();
        await ownConnection.ready();
        assert.equal(await afterLoss, 'reset');
        const captured = next(feed);
        await ownStore.put(newImage());
        assert.equal(await captured, 'captured front');
      } finally {
        stop.abort();
        await ownConnection.stop();
        await own.stop();
      }
    });

    it('fill the outbox in the same transaction, until the announcement is acknowledged', async () => {
      const stop = new AbortController();
      const { id } = await store.put(newImage());
      const { value } = await store.outbox(stop.signal).next();
      assert.ok(value?.type === 'announcement' && value.announcement.event === 'captured');
      assert.equal(value.announcement.id, id);
      assert.equal(await store.waiting(), 1);
      await store.acknowledge(value.id);
      assert.equal(await store.waiting(), 0);
      stop.abort();
    });
  });

  it('works for a user who may not ask Redis for the time', async () => {
    await client().sendCommand(['ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-time']);
    const limited = new RedisConnection({ url: redis.url, prefix: '', username: 'limited', password: 'secret' });
    limited.start();
    await limited.ready();
    await new RedisImageStore({ connection: limited, ownsCameras: true }).put(newImage());
    await limited.stop();
  });

  it('lets the readers of redis-pi-camera find and read the images', async () => {
    const image = newImage({ lux: 12 });
    const plain = new RedisConnection({ url: redis.url, prefix: '' });
    plain.start();
    await plain.ready();
    await new RedisImageStore({ connection: plain, ownsCameras: true }).put(image);
    await plain.stop();
    const reader = await createClient({ url: redis.url }).connect();
    const keys: string[] = [];
    for await (const found of reader.scanIterator({ MATCH: 'image:*' })) keys.push(...found);
    assert.equal(keys.length, 1);
    const fields = await reader.hmGet(keys[0] ?? '', ['timestamp', 'mime_type', 'lux']);
    assert.deepEqual(fields, [`${Math.floor(image.capturedAt / 1000)}`, 'image/jpeg', '12']);
    reader.destroy();
  });
});
