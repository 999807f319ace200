import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EnduranceTrial } from '../support/endurance-trial';
import { luxcam, runningLuxcam } from '../support/luxcam-command';
import { TestRedisCluster } from '../support/redis-cluster';
import type { ServerProcess } from '../support/server-process';

describe('the agent with a Redis Cluster', function () {
  this.timeout(120_000);
  const cluster = new TestRedisCluster();
  const trial = new EnduranceTrial('200ms', cluster);
  let gallery: ServerProcess | undefined;

  before(async () => {
    await cluster.start();
    await trial.start();
  });
  after(async () => {
    await gallery?.stop();
    await trial.stop();
    await cluster.stop();
  });

  it('keeps images on disk until the replica has taken over, and loses none', async () => {
    const configuration = path.join(trial.spool, '../reader.json');
    writeFileSync(configuration, JSON.stringify({ redis: trial.settings, mqtt: { url: trial.mosquitto.url } }));
    gallery = runningLuxcam(['gallery', '--port', '0', '--config', configuration]);
    const [, address] = await gallery.printed(/Gallery: (\S+)/);
    const asking = setInterval(() => trial.ask(), 200);
    await trial.hear('captured', 8);
    const primary = await cluster.primaryOf('{house1}:');
    await cluster.replicaOf(primary);
    // A busy machine may take no picture at all before the replica is there.
    await cluster.allowFailover(false);
    await primary.signal('SIGKILL');
    await trial.hear('spooled', 4);
    await cluster.allowFailover(true);
    await trial.hear('captured', 8);
    await trial.hear('captured', 4, 'front');
    clearInterval(asking);
    while ((await trial.waiting()) > 0) await setTimeout(50);
    assert.equal((await trial.stopAgent()).status, 0);

    const { stored, lost, unannounced, disorder } = await trial.verdict();
    assert.deepEqual({ unannounced, disorder }, { unannounced: [], disorder: [] });
    // Redis acknowledges before its replica has the image: what was on its way at the kill may be lost, one a camera.
    assert.ok(lost.length <= 2, `${lost}`);
    const newest = (await trial.stored()).at(-1)?.id ?? '';
    const shown = await (await fetch(`${address}api/images?limit=200`)).text();
    assert.equal(shown.match(/"id":/g)?.length, Math.min(stored, 200));
    assert.ok(shown.includes(newest));
    assert.match((await luxcam(['list', '--config', configuration])).output, new RegExp(newest));
  });

  it('says in its health that the cluster is down, although its own node stands', async () => {
    const [, address] = (await gallery?.printed(/Gallery: (\S+)/)) ?? [];
    const status = async (route: string) => (await fetch(`${address}${route}`)).status;
    while ((await status('health')) !== 200) await setTimeout(50);
    await cluster.allowFailover(false);
    const other = await cluster.primaryOf('{house2}:');
    await other.signal('SIGKILL');
    while ((await status('api/images')) !== 503) await setTimeout(50);
    const health = await fetch(`${address}health`);
    assert.equal(health.status, 503);
    assert.match(await health.text(), /CLUSTERDOWN/);
    await other.start();
    while ((await status('health')) !== 200) await setTimeout(50);
    assert.equal(await status('api/images'), 200);
  });
});
