import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { Agent } from '../../agent/agent';
import { AgentName } from '../../agent/agent-name';
import { parseConfiguration } from '../../agent/config';
import { RedisConnection } from '../../core/redis-connection';
import { TestLog } from '../support/log';
import { runningLuxcam } from '../support/luxcam-command';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { TestRedis } from '../support/redis-server';

describe("an agent's name", () => {
  const redis = new TestRedis();
  const open: { connection: RedisConnection; holder: AgentName }[] = [];

  /** Who wants to be the agent pi1. A killed one's name is free after 3 s: its connection may rest for two. */
  async function candidate(user: { username?: string; password?: string } = {}) {
    const connection = new RedisConnection({ url: redis.url, prefix: 'house:', ...user });
    const kept = new TestLog();
    const holder = new AgentName({ name: 'pi1', connection, log: kept.log, expiry: 3000 });
    open.push({ connection, holder });
    connection.start();
    await connection.ready();
    return { connection, holder, kept };
  }

  before(() => redis.start());
  after(() => redis.stop());
  afterEach(async () => {
    for (const { connection, holder } of open.splice(0)) {
      await holder.stop();
      await connection.stop();
    }
  });

  it('is taken once, told whose it is, and free as soon as it is given back', async () => {
    const [first, second] = [await candidate(), await candidate()];
    assert.equal(await first.holder.take(), true);
    assert.equal(await second.holder.take(), false);
    const taken = second.holder.wait();
    await second.kept.written(`another agent named pi1 runs on ${hostname()} since 20`);
    assert.match(second.kept.lines.join(), /give this one another name \(agent\.name\)/);
    await first.holder.stop();
    assert.equal(await taken, true);
    assert.equal(await (await candidate()).holder.take(), false);
  });

  it('is free soon after its agent was killed', async () => {
    const [first, second] = [await candidate(), await candidate()];
    await first.holder.take();
    assert.equal(await second.holder.take(), false);
    const taken = second.holder.wait();
    first.connection.client.destroy();
    assert.equal(await taken, true);
    assert.doesNotMatch(second.kept.lines.join(), /runs on/, 'a killed one is not said to run');
  });

  it('goes back to its agent, and not to one that waits, when Redis was started anew and empty', async () => {
    const [first, second] = [await candidate(), await candidate()];
    await first.holder.take();
    await second.holder.take();
    void second.holder.wait();
    await second.kept.written('runs on');
    const token = () => first.connection.client.hGet('house:agent:pi1', 'token');
    const before = await token();
    await redis.kill();
    await redis.resume();
    await first.connection.ready();
    let after = await token();
    for (; after === null; after = await token()) await setImmediate();
    assert.equal(after, before);
  });

  it('is lost, and that is told, to another one that took it while Redis was away', async () => {
    const { holder, kept, connection } = await candidate();
    await holder.take();
    await connection.client.hSet('house:agent:pi1', { token: 'x', host: 'shed', since: '2026-06-09T10:13:20.123Z' });
    await holder.lost;
    assert.match(kept.lines.join(), /another agent named pi1 runs on shed since 2026-06-09T10:13:20\.123Z/);
    await connection.client.del('house:agent:pi1');
  });

  it('counts as taken where Redis does not let us ask, and that is told once', async () => {
    const { connection } = await candidate();
    const rules = ['on', '>guest', '~house:image*', '+@all'];
    await connection.client.sendCommand(['ACL', 'SETUSER', 'guest', ...rules]);
    const { holder, kept } = await candidate({ username: 'guest', password: 'guest' });
    assert.equal(await holder.take(), true);
    assert.equal(kept.lines.filter((line) => line.includes('would not be noticed')).length, 1);
  });
});

describe('two agents of one name', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-two-agents-'));
    const image = sharp({ create: { width: 640, height: 360, channels: 3, background: 'green' } });
    await writeFile(path.join(folder, 'a.jpg'), await image.jpeg().toBuffer());
    await Promise.all([redis.start(), mosquitto.start()]);
  });
  after(async () => {
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await rm(folder, { recursive: true });
  });

  it('do not work at the same time; the second one takes over when the first was killed', async () => {
    const configuration = (camera: string) =>
      JSON.stringify({
        agent: { name: 'pi1', spool: { path: path.join(folder, `spool-${camera}`) } },
        redis: { url: redis.url },
        mqtt: { url: mosquitto.url },
        cameras: { [camera]: { source: { type: 'folder', path: folder } } },
      });
    const file = path.join(folder, 'luxcam.yaml');
    await writeFile(file, configuration('front'));
    const listener = await new MqttListener().start(mosquitto.url);
    const first = runningLuxcam(['agent', '--config', file]);
    const kept = new TestLog();
    const second = new Agent(parseConfiguration(configuration('garden'), 'luxcam.yaml'), kept.log);
    const online = (camera: string) =>
      listener.message(({ topic, payload }) => topic === `luxcam/${camera}/availability` && `${payload}` === 'online');
    try {
      await online('front');
      await second.start();
      await listener.client.publishAsync('luxcam/front/capture', '{"transaction":"asked"}', { qos: 1 });
      assert.equal((await listener.announcement('front')).event, 'captured');
      await listener.client.publishAsync('luxcam/garden/capture', '', { qos: 1 });
      await kept.written('another agent of this name runs, or was killed');
      assert.ok(!listener.heard.some(({ topic }) => /garden\/(availability|state|event)/.test(topic)));
      await first.stop('SIGKILL');
      await online('garden');
      await listener.client.publishAsync('luxcam/garden/capture', '', { qos: 1 });
      assert.equal((await listener.announcement('garden')).event, 'captured');
    } finally {
      await first.stop('SIGKILL');
      await second.stop();
      await listener.stop();
    }
  });
});
