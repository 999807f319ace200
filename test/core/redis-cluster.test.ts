import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { imageStatistics } from '../../core/image-statistics';
import { LuxcamError } from '../../core/luxcam-error';
import { RedisConnection, type RedisSettings } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { StreamEntry } from '../../core/stream-follower';
import { freePort } from '../support/free-port';
import { newImage } from '../support/new-image';
import { TestRedisCluster } from '../support/redis-cluster';
import { TestRedis } from '../support/redis-server';

describe('a Redis Cluster', () => {
  const cluster = new TestRedisCluster();
  const single = new TestRedis();
  const connections: RedisConnection[] = [];

  const connect = async (settings: Partial<RedisSettings> = {}) => {
    const connection = new RedisConnection({ url: cluster.url, prefix: '{house1}:', cluster: true, ...settings });
    connections.push(connection);
    connection.start();
    await connection.ready();
    return connection;
  };
  const openStore = async (settings: Partial<RedisSettings> = {}) =>
    new RedisImageStore({ connection: await connect(settings), outbox: 'pi1', ownsCameras: true });

  before(() => Promise.all([cluster.start(), single.start()]));
  after(() => Promise.all([cluster.stop(), single.stop()]));
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.stop()));
    await cluster.clear();
  });

  /** Uses all that a store can do, and tells what came of it. */
  const useAll = async (store: RedisImageStore) => {
    const capturedAt = 1_800_000_000_000;
    const stop = new AbortController();
    const first = await store.put(newImage({ capturedAt, lux: 5, trigger: 'motion' }));
    const second = await store.put(newImage({ capturedAt: capturedAt + 1, camera: 'garden' }));
    const third = await store.put(newImage({ capturedAt: capturedAt + 2, thumbnail: Buffer.from([0xff, 0x80]) }));
    await store.pin(first.id);
    await store.addMeta(second.id, { label: 'cat' });
    await store.delete(third.id);
    await store.connection.client.unlink(second.key);
    const feed: string[] = [];
    for await (const entry of store.events('0-0', stop.signal)) {
      if (entry.type === 'announcement') feed.push(entry.announcement.event);
      if (feed.length === 5) stop.abort();
    }
    const got = await store.get(first.id);
    const waiting = await store.waiting();
    const outbox = await store.outbox(new AbortController().signal).next();
    if (outbox.value) await store.acknowledge(outbox.value.id);
    return {
      images: [first, second, third].map(({ id, sequence }) => [id, sequence]),
      bytes: got?.bytes,
      expiresAt: got?.image.expiresAt,
      trimmed: await store.trimIndex(),
      listed: (await store.list({ limit: 10, luxMax: 10, trigger: 'motion' })).images.map(({ id }) => id),
      cameras: await store.cameras(),
      counted: (await imageStatistics(store, 'front')).images,
      feed,
      waiting: [waiting, await store.waiting()],
      gone: [await store.get(second.id), await store.describe('front:1'), await store.unpin('front:1')],
    };
  };

  it('does all that a single Redis does, for two sites on two nodes', async () => {
    const alone = await useAll(await openStore({ url: single.url, prefix: 'house:', cluster: false }));
    const sites = ['{house1}:', '{house2}:'];
    const stores = await Promise.all(sites.map((prefix) => openStore({ prefix })));
    for (const each of await Promise.all(stores.map(useAll))) assert.deepEqual(each, alone);
    assert.notEqual(stores[0]?.connection.address, stores[1]?.connection.address);
    for (const prefix of sites) {
      const { client } = await cluster.primaryOf(prefix);
      const keys = (await client.keys('*')).filter((key) => key.startsWith(prefix));
      assert.equal(keys.length, 9, `${keys}`);
    }
  });

  it('is entered by any of its nodes, though the first one named is away', async () => {
    const absent = `redis://127.0.0.1:${await freePort()}`;
    const away = await cluster.primaryOf('{house2}:');
    const { port } = await cluster.primaryOf('{house1}:');
    assert.equal((await connect({ url: `${absent}, ${away.url}` })).address, `127.0.0.1:${port}`);
  });

  it('says in words which settings do not fit', async () => {
    const refused = (settings: Partial<RedisSettings>, message: RegExp) =>
      assert.rejects(connect(settings), (error: unknown) => {
        assert.ok(error instanceof LuxcamError && error.code === 'invalid_request');
        assert.match(error.message, message);
        return true;
      });
    await refused({ prefix: 'house1:' }, /the prefix has to hold a name in braces, for example \{house1\}:/);
    await refused({ prefix: '{}:' }, /the prefix has to hold a name in braces/);
    await refused({ cluster: false }, /several URLs are for the nodes of a cluster/);
    await refused({ url: 'redis://localhost:6379/2' }, /a cluster has no database numbers/);
    await refused({ url: 'unix:///run/redis.sock' }, /reached by redis:\/\/ or rediss:\/\//);
  });

  it('says what is wrong where a cluster was taken for a single Redis, and the other way round', async () => {
    const { url } = await cluster.primaryOf('{house2}:');
    const store = await openStore({ url, cluster: false });
    await assert.rejects(store.put(newImage()), /MOVED.* - it is a node of a Redis Cluster: set cluster/);
    const connection = new RedisConnection({ url: single.url, prefix: '{house1}:', cluster: true });
    connection.start();
    const [state, problem] = await once(connection, 'state');
    await connection.stop();
    assert.deepEqual([state, /cluster support disabled - it is no Redis Cluster/.test(problem)], ['offline', true]);
  });

  /** Puts images one after the other until it is told to stop. What failed is put again, as a spool does. */
  const putAlways = (store: RedisImageStore) => {
    const failures: string[] = [];
    const acknowledged: string[] = [];
    let going = true;
    const next = () => newImage({ bytes: Buffer.from(`image ${acknowledged.length}`) });
    const work = (async () => {
      for (let image = next(); going; ) {
        try {
          acknowledged.push((await store.put(image)).id);
          image = next();
        } catch (error) {
          failures.push(error instanceof Error ? error.message : '');
          image = { ...image, replayed: true };
          await store.connection.ready();
        }
      }
    })();
    return {
      acknowledged,
      failures,
      async reach(count: number) {
        const wanted = acknowledged.length + count;
        while (acknowledged.length < wanted) await setTimeout(5);
      },
      async stop() {
        going = false;
        await work;
      },
    };
  };

  const announced = (entry: StreamEntry) =>
    entry.type === 'announcement' && entry.announcement.event === 'captured' ? [entry.announcement.id] : [];

  it('is followed when the slot moves to another node while images come in, without an error', async () => {
    const prefix = '{house1}:';
    const [from, to] = [await cluster.primaryOf(prefix), await cluster.primaryOf('{house2}:')];
    const writer = await openStore();
    const reader = await openStore();
    const stop = new AbortController();
    const seen = new Set<string>();
    const following = (async () => {
      for await (const entry of reader.events('0-0', stop.signal)) for (const id of announced(entry)) seen.add(id);
    })();
    const load = putAlways(writer);
    await load.reach(50);
    await (await cluster.moving(prefix, from, to)).finish();
    await load.reach(50);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(writer.connection.address, `127.0.0.1:${to.port}`);
    const listed = new Set((await reader.list({ limit: 10_000 })).images.map(({ id }) => id));
    assert.deepEqual([...load.acknowledged].sort(), [...listed].sort());
    while (seen.size < listed.size) await setTimeout(5);
    stop.abort();
    await following;
    await (await cluster.moving(prefix, to, from)).finish();
  });

  it('never calls an image gone that is on its way to another node', async () => {
    const prefix = '{house1}:';
    const [from, to] = [await cluster.primaryOf(prefix), await cluster.primaryOf('{house2}:')];
    const store = await openStore();
    const stored = await store.put(newImage());
    const moving = await cluster.moving(prefix, from, to);
    await moving.move([stored.key]);
    await assert.rejects(store.get(stored.id), /ASK .* - the keys are on their way to another node/);
    const [got] = await Promise.all([store.get(stored.id), store.put(newImage()), moving.finish()]);
    assert.deepEqual(got?.image, stored);
    assert.equal((await store.list({ limit: 10 })).images.length, 2);
    await (await cluster.moving(prefix, to, from)).finish();
  });

  it('loses nothing when its operator changes primary and replica while images come in', async () => {
    const primary = await cluster.primaryOf('{house1}:');
    const replica = await cluster.replicaOf(primary);
    const store = await openStore();
    const load = putAlways(store);
    await load.reach(50);
    await replica.client.sendCommand(['CLUSTER', 'FAILOVER']);
    await replica.says(['INFO', 'replication'], /role:master/);
    await load.reach(50);
    await load.stop();
    assert.equal(store.connection.address, `127.0.0.1:${replica.port}`);
    assert.deepEqual(load.failures, []);
    const listed = (await store.list({ limit: 10_000 })).images.map(({ id }) => id);
    assert.deepEqual([...load.acknowledged].sort(), listed.sort());
  });

  it('goes on with the replica when the primary is killed while images come in', async () => {
    const primary = await cluster.primaryOf('{house1}:');
    const replica = await cluster.replicaOf(primary);
    const store = await openStore({ url: primary.url });
    const other = await openStore({ prefix: '{house2}:' });
    const stop = new AbortController();
    const seen = new Set<string>();
    const following = (async () => {
      for await (const entry of store.events('0-0', stop.signal)) for (const id of announced(entry)) seen.add(id);
    })();
    const load = putAlways(store);
    await load.reach(50);
    await primary.signal('SIGKILL');
    await load.reach(50);
    await load.stop();
    assert.equal(store.connection.address, `127.0.0.1:${replica.port}`);
    assert.ok(load.failures.length > 0 && load.failures.length < 20, `${load.failures}`);
    const listed = new Set((await store.list({ limit: 10_000 })).images.map(({ id }) => id));
    // Redis acknowledges before its replica has the image: what was on the way to it may be lost, and no more.
    const lost = load.acknowledged.filter((id) => !listed.has(id));
    assert.ok(lost.length <= 1, `lost: ${lost}`);
    assert.equal(new Set(load.acknowledged).size, load.acknowledged.length);
    for (const id of listed) while (!seen.has(id)) await setTimeout(5);
    stop.abort();
    await following;
    await other.put(newImage());
    await primary.start();
  });
});
