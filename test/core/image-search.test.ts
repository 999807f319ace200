import assert from 'node:assert/strict';
import type { StoredImage, TriggerName } from '../../core/image';
import type { ImageQuery } from '../../core/image-list';
import { hourScore } from '../../core/lux-hours';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

type Search = Omit<ImageQuery, 'limit' | 'cursor'>;

const start = 1_781_000_000_000;
const minute = 60_000;
const longTtl = 315_360_000;

const cameras = ['attic', 'front', 'garden'];
const triggers: TriggerName[] = ['timer', 'timer', 'timer', 'motion', 'timer', 'motion', 'timer'];

/** What can be asked for, in every combination. */
const choices: Search[][] = [
  [{}, { cameras: ['front'] }, { cameras: ['garden', 'attic', 'garden'] }, { cameras: ['cellar'] }],
  [{}, { trigger: 'motion' }, { trigger: 'button' }],
  [{}, { to: start + 200 * minute }, { from: start + 30 * minute, to: start + 60 * minute }],
  [{}, { luxMax: 10 }, { luxMin: 100, luxMax: 400 }, { luxMin: 5000 }],
  [{}, { pinned: true }, { pinned: false }],
];

describe('A search for images', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let stored: StoredImage[];

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.client.flushAll();
    store = new RedisImageStore({ connection, ownsCameras: true });
    stored = [];
    // Three hundred, one a minute, the later half at night; some without lux, some at the very same time.
    for (let at = 0; at < 300; at += 1) {
      const lux = [at < 150 ? (at % 100) * 5 : (at % 7) * 2, 6000][Number(at === 77 || at === 222)];
      const image = newImage({
        camera: cameras[at % 3],
        capturedAt: start + (at - Number(at % 10 === 1)) * minute,
        ttl: longTtl,
        lux: at % 11 === 0 ? undefined : lux,
        trigger: at % 60 === 17 ? 'button' : triggers[at % 7],
      });
      stored.push(await store.put(image));
    }
    for (const [at, { id }] of stored.entries())
      if (at % 13 === 0) stored[at] = (await store.pin(id)) ?? assert.fail(`${id} is gone`);
  });

  /** All pages, one after the other. */
  async function everyPage(search: Search, limit: number) {
    const first = await store.list({ ...search, limit });
    const ids = first.images.map(({ id }) => id);
    for (let { next } = first; next !== null; ) {
      const page = await store.list({ ...search, limit, cursor: next });
      assert.equal(page.total, null);
      ids.push(...page.images.map(({ id }) => id));
      next = page.next;
    }
    return { ids, total: first.total };
  }

  /** What the pages should hold, found by looking at every image. */
  function expected({ cameras: among, trigger, from = 0, to = Number.POSITIVE_INFINITY, ...search }: Search) {
    const { luxMin = 0, luxMax = Number.POSITIVE_INFINITY, pinned } = search;
    const byLux = search.luxMin !== undefined || search.luxMax !== undefined;
    return stored
      .filter((image) => among === undefined || among.includes(image.camera))
      .filter((image) => trigger === undefined || image.trigger === trigger)
      .filter((image) => image.capturedAt >= from && image.capturedAt <= to)
      .filter(({ lux }) => !byLux || (lux !== null && lux >= luxMin && lux <= luxMax))
      .filter(({ expiresAt }) => pinned === undefined || (expiresAt === null) === pinned)
      .sort((a, b) => b.capturedAt - a.capturedAt || (a.camera < b.camera ? -1 : 1))
      .map(({ id }) => id);
  }

  /** Some images vanish in every way there is. */
  async function lose(): Promise<void> {
    const gone = stored.filter((_, at) => at % 4 === 2);
    for (const [at, { id, key }] of gone.entries()) {
      if (at % 3 === 0) await store.delete(id);
      else if (at % 3 === 1) await connection.client.unlink(key);
      else await connection.client.pExpire(key, 0);
    }
    stored = stored.filter((image) => !gone.includes(image));
  }

  const combinations = choices.reduce<Search[]>(
    (all, more) => all.flatMap((search) => more.map((choice) => ({ ...search, ...choice }))),
    [{}],
  );

  it('finds by any combination each match once, newest first, and how many there are', async () => {
    await lose();
    await store.trimIndex();
    for (const [at, search] of combinations.entries()) {
      const ids = expected(search);
      const found = await everyPage(search, [4, 20, 200][at % 3] ?? 4);
      assert.deepEqual(found, { ids, total: ids.length }, JSON.stringify(search));
    }
  });

  it('leaves out what has just gone, and counts exactly what fits one page', async () => {
    await lose();
    for (const search of combinations) {
      const ids = expected(search);
      const page = await store.list({ ...search, limit: 250 });
      assert.deepEqual([page.images.map(({ id }) => id), page.total, page.next], [ids, ids.length, null]);
      assert.deepEqual((await everyPage(search, 40)).ids, ids, JSON.stringify(search));
    }
  });

  it('does not count where nobody wants to know', async () => {
    assert.equal((await store.list({ limit: 1, total: false })).total, null);
  });

  it('finds the many pictures of a night behind thousands of the day', async () => {
    const { client, keys } = connection;
    await client.flushAll();
    // As put writes them, but tens of thousands in a second.
    const write = async (from: number, to: number, lux: number, alive: boolean) => {
      const entries = Array.from({ length: to - from }, (_, at) => ({ score: from + at, value: `front:${from + at}` }));
      const lit = entries.map(({ value }) => ({ score: lux, value }));
      const byHour = entries.map(({ score, value }) => ({ score: hourScore(score, lux), value }));
      const hash = { sha256: 'a', trigger: 'timer', lux: `${lux}`, expires_at: '9000000000000' };
      await Promise.all([
        client.zAdd(keys.images('front'), entries),
        client.zAdd(keys.triggered('front', 'timer'), entries),
        client.zAdd(keys.lit('front', 'timer'), lit),
        client.zAdd(keys.litByHour('front'), byHour),
        ...entries.filter(() => alive).map(({ value }) => client.hSet(keys.image(value), hash)),
      ]);
    };
    await client.sAdd(keys.cameras(), 'front');
    await write(100_000, 122_000, 1, true);
    await write(122_000, 127_000, 1, false);
    await write(127_000, 136_000, 500, true);
    await write(136_000, 136_050, 1, true);
    await write(136_050, 136_060, 0, true);
    const dark = { limit: 1000, luxMin: 0.5, luxMax: 10 };
    const page = await store.list(dark);
    const times = page.images.map(({ capturedAt }) => capturedAt);
    assert.deepEqual(
      [times[0], times[49], times[50], times.at(-1), times.length, page.total],
      [136_049, 136_000, 121_999, 121_050, 1000, 27_050],
    );
    const older = await store.list({ ...dark, to: 101_500, cursor: page.next ?? '' });
    assert.equal(older.images[0]?.capturedAt, 101_500);
    assert.equal((await store.list({ ...dark, from: 100_001, to: 136_049 })).total, 22_049);
    assert.equal((await store.list({ ...dark, limit: 5, from: 135_900, to: 136_099 })).total, 50);
  });

  it('counts the many of a light and a time, with those at the ends of both', async () => {
    const { client, keys } = connection;
    await client.flushAll();
    await client.sAdd(keys.cameras(), 'front');
    const luxes = [0, 1, 9.99, 10, 10.01, 400];
    const images = Array.from({ length: 6000 }, (_, at) => ({
      lux: luxes[at % luxes.length] ?? 0,
      capturedAt: start + at * 10_000,
    }));
    await Promise.all(
      images.map(async ({ lux, capturedAt }) => {
        const value = `front:${capturedAt}`;
        await client.zAdd(keys.images('front'), { score: capturedAt, value });
        await client.zAdd(keys.lit('front', 'timer'), { score: lux, value });
        await client.zAdd(keys.litByHour('front'), { score: hourScore(capturedAt, lux), value });
        await client.hSet(keys.image(value), {
          sha256: 'a',
          trigger: 'timer',
          lux: `${lux}`,
          expires_at: '9000000000000',
        });
      }),
    );
    const [from, to] = [start + 25 * minute, start + 980 * minute];
    const lights = [
      ...[{ luxMax: 10 }, { luxMin: 0.5 }, { luxMin: 1, luxMax: 10 }, { luxMin: 0, luxMax: 400 }],
      ...[{ luxMax: 0 }, { luxMin: 10, luxMax: 10 }],
    ];
    for (const light of lights)
      for (const time of [{ from }, { to }, { from, to }]) {
        const search: Search = { ...light, ...time };
        const { luxMin = 0, luxMax = 500 } = light;
        const wanted = images.filter(
          ({ lux, capturedAt }) =>
            lux >= luxMin && lux <= luxMax && capturedAt >= (search.from ?? 0) && capturedAt <= (search.to ?? 9e15),
        );
        assert.equal((await store.list({ ...search, limit: 5 })).total, wanted.length, JSON.stringify(search));
      }
  });

  it('reads no more than the images by a rare trigger where their light is common among the others', async () => {
    const { client, keys } = connection;
    const later = start + 400 * minute;
    const values = Array.from({ length: 5000 }, (_, at) => `front:${later + at}`);
    await client.zAdd(
      keys.lit('front', 'timer'),
      values.map((value) => ({ score: 450, value })),
    );
    await client.zAdd(
      keys.litByHour('front'),
      values.map((value, at) => ({ score: hourScore(later + at, 450), value })),
    );
    // So far back in time that they are looked for by their light.
    const search: Search = { trigger: 'motion', luxMin: 440, luxMax: 460 };
    const times = Array.from({ length: 150 }, (_, at) => start - 2000 * minute - at * minute);
    for (const capturedAt of times)
      stored.push(
        await store.put(newImage({ camera: 'front', trigger: 'motion', capturedAt, ttl: longTtl, lux: 450 })),
      );
    await client.configResetStat();
    const page = await store.list({ ...search, limit: 40, total: false });
    const calls = /cmdstat_hmget:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
    assert.deepEqual(
      page.images.map(({ id }) => id),
      expected(search).slice(0, 40),
    );
    assert.ok(Number(calls ?? 0) < 1000, `${calls} images were read`);
  });

  it('reads no more than the pinned images where their light is common among the others', async () => {
    const { client, keys } = connection;
    const later = start + 400 * minute;
    const lit = Array.from({ length: 5000 }, (_, at) => ({ score: 500, value: `front:${later + at}` }));
    const byHour = lit.map(({ value }, at) => ({ score: hourScore(later + at, 500), value }));
    await client.zAdd(keys.lit('front', 'timer'), lit);
    await client.zAdd(keys.litByHour('front'), byHour);
    for (const search of [{ luxMin: 100 }, { luxMin: 100, trigger: 'timer' }] satisfies Search[]) {
      const pinned: Search = { ...search, pinned: true };
      await client.configResetStat();
      const page = await store.list({ ...pinned, limit: 4 });
      const calls = /cmdstat_hmget:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
      assert.deepEqual(
        [page.images.map(({ id }) => id), page.total],
        [expected(pinned).slice(0, 4), expected(pinned).length],
      );
      assert.ok(Number(calls) < 100, `${calls} images were read`);
    }
  });
});
