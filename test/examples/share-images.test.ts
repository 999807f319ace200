import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import type { StoredImage } from '../../core/image';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { freePort } from '../support/free-port';
import { newImage } from '../support/new-image';
import { TestRedisCluster } from '../support/redis-cluster';
import { ServerProcess } from '../support/server-process';
import { TestTenants } from '../support/tenants';

const root = path.join(__dirname, '../..');
const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');

/** How the examples are started. Debian's own python3 has the package python3-redis, another one may not. */
const languages: Record<string, string[]> = {
  TypeScript: [process.execPath, '--import', tsx, path.join(root, 'examples/share-images.ts')],
  Python: ['/usr/bin/python3', path.join(root, 'examples/share-images.py')],
};

for (const [language, [program = '', ...words]] of Object.entries(languages))
  describe(`the workers in ${language} that share the images of a site`, () => {
    const tenants = new TestTenants();
    const workers: ServerProcess[] = [];
    /** Ends what still waits when a test is given up. */
    let ending = new AbortController();
    let listener: TestTenants['admin'];
    let connection: RedisConnection;
    let clock = Date.now() - 100_000;
    let store: RedisImageStore;

    const start = async (...options: string[]) => {
      const environment = { REDIS_URL: tenants.redisUrl('house1-worker'), PREFIX: 'house1:', PATIENCE: '1' };
      const worker = new ServerProcess(program, [...words, ...options], { PATH: process.env.PATH, ...environment });
      workers.push(worker);
      if (options.length === 0) await worker.printed(/ is ready/);
      return worker;
    };
    /** Stores images, each of a millisecond of its own: one that had to give way is written to once more. */
    const put = (count: number) => {
      const bytes = Buffer.alloc(300_000, 1);
      return Promise.all(
        Array.from({ length: count }, () => {
          clock += 1;
          return store.put(newImage({ bytes, capturedAt: clock }));
        }),
      );
    };
    /** What of the group is not done: handed out but not acknowledged, and not handed out yet. */
    const waiting = async () => {
      const [group] = await tenants.admin.xInfoGroups('house1:events');
      return Number(group?.pending ?? 0) + Number(group?.lag ?? 0);
    };
    const done = async () => {
      const { signal } = ending;
      while ((await waiting()) > 0) await setImmediate(undefined, { signal });
    };
    /** Stops a worker's process in the moment in which an image is in its hands. Returns the images that this took. */
    const holdInTheAct = async (worker: ServerProcess) => {
      const images: StoredImage[] = [];
      const isAtWork = async () => {
        const consumers = await tenants.admin.xInfoConsumers('house1:events', 'examined');
        return consumers.some(({ name, pending }) => `${name}`.endsWith(`-${worker.child.pid}`) && Number(pending) > 0);
      };
      for (let attempt = 0; attempt < 200; attempt += 1) {
        worker.child.kill('SIGSTOP');
        if (await isAtWork()) return images;
        worker.child.kill('SIGCONT');
        images.push(...(await put(10)));
      }
      throw new Error('the worker never has an image in its hands');
    };
    /** How often each image's hash was written to since it was stored: once for each change of its meta. */
    const writes = new Map<string, number>();

    before(async () => {
      await tenants.start();
      await tenants.admin.configSet('notify-keyspace-events', 'Khg');
      listener = await tenants.admin.duplicate().connect();
      await listener.pSubscribe('__keyspace@0__:house1:image:*', (event, channel) => {
        const id = channel.slice('__keyspace@0__:house1:image:'.length);
        // An expiry is set when an image is stored, right after its fields.
        if (event === 'expire') writes.set(id, 0);
        if (event === 'hset') writes.set(id, (writes.get(id) ?? 0) + 1);
      });
      connection = new RedisConnection({ url: tenants.redisUrl('house1-flows'), prefix: 'house1:' });
      connection.start();
      await connection.ready();
      store = new RedisImageStore({ connection, ownsCameras: true });
    });
    beforeEach(async () => {
      await tenants.admin.flushAll();
      store = new RedisImageStore({ connection, ownsCameras: true });
      writes.clear();
    });
    afterEach(() => {
      ending.abort();
      ending = new AbortController();
      return Promise.all(workers.splice(0).map((worker) => worker.stop('SIGKILL')));
    });
    after(async () => {
      listener.destroy();
      await connection.stop();
      await tenants.stop();
    });

    /** How many results there are. */
    const sum = () => [...writes.values()].reduce((total, count) => total + count, 0);
    const results = async (images: StoredImage[]) => {
      const found = await store.describeAll(images.map(({ id }) => id));
      return found.map((image) => image?.meta.examined);
    };

    /** Resolves when all of these have a result; also when nothing can be asked of the group, because it is gone. */
    const examined = async (images: StoredImage[]) => {
      while ((await results(images)).includes(undefined)) await setImmediate(undefined, { signal: ending.signal });
    };

    it('examine each once, though one of them is killed and one hangs', async () => {
      const images = await put(50);
      const gone = images.splice(0, 5);
      // Not deleted but expired: nobody has told of it.
      await tenants.admin.unlink(gone.map(({ key }) => key));
      const [hung, ...others] = await Promise.all(Array.from({ length: 5 }, () => start()));
      assert.ok(hung);
      images.push(...(await put(50)));
      for (const killed of others.slice(0, 3)) {
        const before = sum();
        images.push(...(await put(5)));
        // The workers may be done with all of them by now.
        while (sum() === before) await setImmediate(undefined, { signal: ending.signal });
        await killed.stop('SIGKILL');
      }
      // Others write to the same images at the same time, also while a worker has read what stood there before.
      for (let round = 1; round <= 5; round += 1) {
        images.push(...(await put(10)), ...(await holdInTheAct(hung)));
        await Promise.all(images.map(({ id }) => store.addMeta(id, { [`round${round}`]: id })));
        if (round < 5) hung.child.kill('SIGCONT');
      }
      await done();
      hung.child.kill('SIGCONT');
      const more = await put(20);
      await done();

      const described = await store.describeAll(images.map(({ id }) => id));
      for (const [at, image] of described.entries())
        assert.equal(image?.meta.round5, images[at]?.id, 'what others have written is still there');
      for (const image of described.slice(0, 95)) assert.equal(Object.keys(image?.meta ?? {}).length, 6);
      const found = await results([...images, ...more]);
      assert.equal(found.filter((result) => result === undefined).length, 0, 'none is missed');
      // Answered after all that was told before.
      await listener.ping();
      for (const [at, image] of [...described, ...(await store.describeAll(more.map(({ id }) => id)))].entries()) {
        const changes = Object.keys(image?.meta ?? {}).length;
        assert.equal(writes.get(image?.id ?? ''), changes, `image ${at} got one result`);
      }
      const by = new Set(found.map((result) => JSON.stringify(result).match(/-(\d+)"/)?.[1]));
      assert.ok(by.size >= 2, 'they share the work');
      assert.equal(await tenants.admin.exists(gone.map(({ key }) => key)), 0, 'what has expired does not come back');
    });

    it('go on when Redis closes their connections, and when their group is deleted', async () => {
      const all = await Promise.all([start(), start()]);
      const images = await put(10);
      for (let round = 1; round <= 3; round += 1) {
        await tenants.admin.sendCommand(['CLIENT', 'KILL', 'USER', 'house1-worker']);
        images.push(...(await put(10)));
        await examined(images);
      }
      await tenants.admin.xGroupDestroy('house1:events', 'examined');
      images.push(...(await put(10)));
      await examined(images);
      assert.deepEqual(
        all.map(({ child }) => child.exitCode),
        [null, null],
      );
      await listener.ping();
      assert.deepEqual(new Set(images.map(({ id }) => writes.get(id))), new Set([1]), 'none is written to twice');
    });

    it('end at an error that does not pass, and say it', async () => {
      const environment = { REDIS_URL: tenants.redisUrl('house1-worker'), PREFIX: 'house2:' };
      const worker = new ServerProcess(program, words, { PATH: process.env.PATH, ...environment });
      workers.push(worker);
      await assert.rejects(worker.ended(), /has failed:.*(NOPERM|permission)/is);
    });

    it('go on behind an image whose meta nobody can read, and give it a result', async () => {
      const images = await put(5);
      const written = ['{"lens":"T\xfcr"}', '{', '[1]', 'null', '{"score":NaN}'];
      for (const [at, { key }] of images.entries())
        await tenants.admin.hSet(key, { meta: Buffer.from(written[at] ?? '', 'latin1') });
      const worker = await start();
      images.push(...(await put(1)));
      await examined(images);
      await done();
      assert.equal(worker.child.exitCode, null);
      await listener.ping();
      assert.deepEqual(
        new Set(images.map(({ id }) => writes.get(id))),
        new Set([1, 2]),
        'none is written to over and over',
      );
    });

    it('catch up with what fell out of the feed', async () => {
      const images = await put(20);
      await tenants.admin.xTrim('house1:events', 'MAXLEN', 0);
      await (await start('--catch-up')).ended();
      assert.equal((await results(images)).filter((result) => result === undefined).length, 0);
      await (await start('--catch-up')).ended();
      await listener.ping();
      assert.deepEqual(new Set(images.map(({ id }) => writes.get(id))), new Set([1]), 'and do nothing twice');
    });
  });

describe('the workers that share the images of a site on a Redis Cluster', () => {
  const prefix = '{house1}:';
  const cluster = new TestRedisCluster();
  let connection: RedisConnection;
  const workers: ServerProcess[] = [];
  /** Ends what still waits when the test is given up. */
  const ending = new AbortController();
  let store: RedisImageStore;

  /** Stores images, each as soon as there is a primary that takes it. */
  const put = async (count: number) => {
    const images: StoredImage[] = [];
    while (images.length < count)
      try {
        images.push(await store.put(newImage({ capturedAt: Date.now() })));
      } catch {
        await pause(20, undefined, { signal: ending.signal });
      }
    return images;
  };
  const examined = async (images: StoredImage[]) => {
    const isDone = async () => {
      const found = await store.describeAll(images.map(({ id }) => id)).catch(() => [null]);
      return found.every((image) => image?.meta.examined !== undefined);
    };
    while (!(await isDone())) await pause(20, undefined, { signal: ending.signal });
  };

  before(async () => {
    await cluster.start();
    connection = new RedisConnection({ url: cluster.url, prefix, cluster: true });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    ending.abort();
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await connection.stop();
    await cluster.stop();
  });

  it('find its node by another one, and follow it when it hands over, and when it is killed', async () => {
    const primary = await cluster.primaryOf(prefix);
    const replica = await cluster.replicaOf(primary);
    const other = await cluster.primaryOf('{house2}:');
    // Not the node that has the images, and first one that is away.
    const environment = { REDIS_URL: `redis://127.0.0.1:${await freePort()},${other.url}`, CLUSTER: '1' };
    for (const [program = '', ...words] of Object.values(languages))
      workers.push(
        new ServerProcess(program, words, { PATH: process.env.PATH, PREFIX: prefix, PATIENCE: '1', ...environment }),
      );
    await Promise.all(workers.map((worker) => worker.printed(/ is ready/)));
    const images = await put(20);
    await examined(images);

    await replica.client.sendCommand(['CLUSTER', 'FAILOVER']);
    images.push(...(await put(20)));
    await replica.says(['INFO', 'replication'], /role:master/);
    images.push(...(await put(20)));
    await examined(images);

    await cluster.replicaOf(replica);
    // Answered after all that was written before has reached the replica.
    await replica.client.set(`${prefix}witness`, '');
    assert.equal(Number(await replica.client.sendCommand(['WAIT', '1', '0'])), 1);
    await replica.signal('SIGKILL');
    const by = new Set<string | undefined>();
    // Until both have found the new primary.
    while (by.size < workers.length) {
      const more = await put(5);
      images.push(...more);
      await examined(more);
      for (const image of await store.describeAll(more.map(({ id }) => id)))
        by.add(JSON.stringify(image?.meta.examined).match(/-(\d+)"/)?.[1]);
    }
    assert.deepEqual([...by].sort(), workers.map(({ child }) => `${child.pid}`).sort());
    await examined(images);
  }).timeout(120_000);
});
