import assert from 'node:assert/strict';
import { adoptImage, hasCopy, knownOrigins } from '../../core/adopt-image';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

describe('adopting an image', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  const at = 1_700_000_000_000;
  const old = (given: Parameters<typeof newImage>[0] = {}) =>
    newImage({ capturedAt: at, trigger: 'adopted', triggerSource: 'image:1700000000', ...given });

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.client.flushAll();
  });

  it('takes the next free millisecond, and finds its copy there', async () => {
    const origin = { name: 'image:1700000000', expiresAt: Date.now() + 60_000 };
    await store.put(newImage({ capturedAt: at, ttl: 1e9 }));
    assert.equal(await hasCopy(store, old()), false);
    const { id } = await adoptImage(store, old(), origin);
    assert.equal(id, `front:${at + 1}`);
    assert.equal(await hasCopy(store, old()), true);
    assert.equal(await hasCopy(store, old({ triggerSource: 'image:1700000001' })), false);
    assert.equal(await hasCopy(store, old({ sha256: 'of other bytes' })), false);
  });

  it('takes no number of those that a running agent gives out', async () => {
    const origin = (name: string) => ({ name, expiresAt: Date.now() + 60_000 });
    const own = async () => (await store.put(newImage({ camera: 'garden' }))).sequence;
    const adopted = async (name: string, age: number) =>
      (await adoptImage(store, old({ camera: 'garden', capturedAt: at - age }), origin(name))).sequence;
    const numbers = [await adopted('a', 1), await own(), await own(), await adopted('b', 2), await own()];
    assert.deepEqual(numbers, [0, 1, 2, 2, 3]);
    assert.equal(await connection.client.hGet('house:sequences', 'garden'), '3');
  });

  it('remembers an original for as long as it lives, and not longer', async () => {
    const names = ['expired', 'alive', 'for ever'];
    await adoptImage(store, old(), { name: 'expired', expiresAt: Date.now() - 1 });
    await adoptImage(store, old(), { name: 'alive', expiresAt: Date.now() + 60_000 });
    await adoptImage(store, old(), { name: 'for ever', expiresAt: null });
    assert.deepEqual([...(await knownOrigins(store, 'front', names))], names);
    await store.trimIndex();
    assert.deepEqual([...(await knownOrigins(store, 'front', names))], ['alive', 'for ever']);
  });
});
