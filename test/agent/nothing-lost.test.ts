import assert from 'node:assert/strict';
import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EnduranceTrial } from '../support/endurance-trial';

describe('nothing is lost', function () {
  this.timeout(180_000);
  let trial: EnduranceTrial;
  let asking: NodeJS.Timeout;

  beforeEach(async () => {
    trial = await new EnduranceTrial('150ms').start();
    asking = setInterval(() => trial.ask(), 150);
  });
  afterEach(async () => {
    clearInterval(asking);
    await trial.stop();
  });

  /** Waits until so many images are on disk. */
  async function spooled(count: number): Promise<void> {
    while ((await trial.waiting()) < count) await setTimeout(50);
  }
  /** Waits until no image is on disk any more. */
  async function drained(): Promise<void> {
    while ((await trial.waiting()) > 0) await setTimeout(50);
  }
  /** Waits until there are so many more images in Redis. */
  async function storedMore(count: number): Promise<void> {
    const before = await trial.count();
    while ((await trial.count()) < before + count) await setTimeout(50);
  }

  it('while agent, Redis and broker are killed twice each, and some of them together', async () => {
    await trial.hear('captured', 8);

    await trial.killAgent();
    await trial.startAgent();
    await trial.hear('captured', 4);

    await trial.redis.kill();
    await trial.hear('spooled', 6);
    await trial.redis.resume();
    await trial.hear('captured', 8);

    await trial.mosquitto.kill();
    await storedMore(4);
    await trial.resumeBroker();
    await trial.hear('captured', 8);

    await trial.redis.kill();
    await trial.hear('spooled', 6);
    await trial.killAgent();
    await trial.redis.resume();
    await trial.startAgent();
    await trial.hear('captured', 8);

    await trial.mosquitto.kill();
    await trial.redis.kill();
    await spooled(4);
    await trial.resumeBroker();
    await trial.redis.resume();
    await trial.hear('captured', 8, 'front');
    clearInterval(asking);
    await drained();
    assert.equal((await trial.stopAgent()).status, 0);
    const { stored, lost, unannounced, repeats, disorder } = await trial.verdict();
    assert.deepEqual({ lost, unannounced, disorder }, { lost: [], unannounced: [], disorder: [] });
    assert.ok(stored >= 40, `${stored} images`);
    assert.ok(repeats <= 5, `${repeats} of ${stored} were announced again`);
  });

  it('when the agent stops while Redis and broker are away, and a file on disk is damaged', async () => {
    await trial.hear('captured', 4);
    await Promise.all([trial.mosquitto.kill(), trial.redis.kill()]);
    await spooled(4);
    clearInterval(asking);
    const { status } = await trial.stopAgent();
    assert.equal(status, 0);
    const waiting = await trial.waiting();
    const names = await readdir(trial.spool, { recursive: true });
    const [, second = ''] = names.filter((name) => name.endsWith('.image')).sort();
    await truncate(path.join(trial.spool, second), 1000);

    await trial.resumeBroker();
    await trial.redis.resume();
    const before = await trial.count();
    await trial.startAgent();
    await drained();
    assert.equal((await trial.stopAgent()).status, 0);
    assert.ok((await trial.count()) >= before + waiting - 1);
    assert.match(trial.log, /damaged and was set aside/);
    const { lost, unannounced, disorder } = await trial.verdict();
    assert.deepEqual({ lost, unannounced, disorder }, { lost: [], unannounced: [], disorder: [] });
  });
});
