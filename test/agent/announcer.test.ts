import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Announcer } from '../../agent/announcer';
import { BrokerConnection } from '../../agent/broker-connection';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { Topics } from '../../core/topics';
import { TestLog } from '../support/log';
import { TestMosquitto } from '../support/mosquitto';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

/** Its answer of how many announcements wait is on its way until one of them has gone. */
class SlowStore extends RedisImageStore {
  private onGone: () => void = () => undefined;
  private readonly gone = new Promise<void>((resolve) => {
    this.onGone = resolve;
  });

  override async waiting(): Promise<number> {
    const count = await super.waiting();
    if (count > 0) await this.gone;
    return count;
  }

  override async acknowledge(entryId: string): Promise<void> {
    await super.acknowledge(entryId);
    // What the announcer does after it comes first.
    void setImmediate().then(this.onGone);
  }
}

describe('the announcer', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const kept = new TestLog();
  const { log } = kept;
  let connection: RedisConnection;
  let broker: BrokerConnection;

  before(async () => {
    await Promise.all([redis.start(), mosquitto.start()]);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    broker = new BrokerConnection({
      settings: { url: mosquitto.url, protocolVersion: 5 },
      ...{ statusTopic: 'luxcam/agents/pi1/status', clientId: 'pi1', log, subscriptions: [] },
      ...{ onMessage: () => undefined, onConnect: () => undefined },
    });
    broker.start();
    await Promise.all([connection.ready(), kept.written('broker connected')]);
  });
  after(async () => {
    await broker.stop();
    await connection.stop();
    await Promise.all([redis.stop(), mosquitto.stop()]);
  });

  it('stops as soon as all is announced, also when the last one goes while it asks how many are left', async () => {
    const store = new SlowStore({ connection, outbox: 'pi1', ownsCameras: true });
    const announcer = new Announcer({ store, broker, topics: new Topics('luxcam'), log });
    await store.put(newImage());
    // Far longer than a test may take.
    const stopped = announcer.stop(3_600_000);
    announcer.start();
    await stopped;
    assert.equal(await connection.client.xLen('outbox:pi1'), 0);
  });
});
