import assert from 'node:assert/strict';
import { IndexTrimmer } from '../../core/index-trimmer';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

describe('IndexTrimmer', () => {
  const redis = new TestRedis();
  let store: RedisImageStore;
  const trimmers: IndexTrimmer[] = [];

  const indexed = () => store.connection.client.zCard(store.connection.keys.images('front'));
  const start = () => {
    const trimmer = new IndexTrimmer(store, (message) => assert.fail(message));
    trimmers.push(trimmer);
    trimmer.start();
    return trimmer;
  };
  /** Leaves the entry of an image that somebody else has deleted. */
  const leaveEntry = async () => void (await store.connection.client.del((await store.put(newImage({}))).key));
  const trimmed = async () => {
    while ((await indexed()) > 0);
  };

  before(async () => {
    await redis.start();
    const connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    await Promise.all(trimmers.map((trimmer) => trimmer.stop()));
    await store.connection.stop();
    await redis.stop();
  });

  it('is one at a time of all that run, and the next one when that one stops', async () => {
    await leaveEntry();
    const first = start();
    await trimmed();
    await leaveEntry();
    const second = start();
    // Redis answers in the order that it is asked in: a second one at work would have removed the entry by then.
    for (let turn = 0; turn < 20; turn += 1) await store.connection.client.ping();
    assert.equal(await indexed(), 1);
    await second.stop();
    await first.stop();
    start();
    await trimmed();
  });

  it('works in a Redis that is full, where nobody can take the turn', async () => {
    await Promise.all(trimmers.splice(0).map((trimmer) => trimmer.stop()));
    await leaveEntry();
    await store.connection.client.configSet('maxmemory', '1');
    start();
    await trimmed();
    await store.connection.client.configSet('maxmemory', '0');
  });
});
