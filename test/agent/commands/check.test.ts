import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { Agent } from '../../../agent/agent';
import { parseConfiguration } from '../../../agent/config';
import { parseJson } from '../../../core/messages';
import { TestLog } from '../../support/log';
import { luxcam } from '../../support/luxcam-command';
import { TestMosquitto } from '../../support/mosquitto';
import { MqttListener } from '../../support/mqtt-listener';
import { TestRedis } from '../../support/redis-server';

const reportSchema = z.object({
  status: z.string(),
  findings: z.array(
    z.object({ check: z.string(), status: z.string(), message: z.string(), remedy: z.string().optional() }),
  ),
});

describe('luxcam check', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;
  let pictures: string;

  function configuration(camera: object = {}, others: object = {}): string {
    return JSON.stringify({
      agent: { name: 'pi1', spool: { path: path.join(folder, 'spool'), max_size: '1MB' } },
      redis: { url: redis.url },
      mqtt: { url: mosquitto.url },
      cameras: { front: { source: { type: 'folder', path: pictures }, ...camera } },
      ...others,
    });
  }

  async function check(text: string) {
    await writeFile(path.join(folder, 'luxcam.yaml'), text);
    const { status, output } = await luxcam(['check', '--json'], { cwd: folder });
    const report = parseJson(reportSchema, output);
    const of = (name: string) => report.findings.find((finding) => finding.check === name);
    return { status, verdict: report.status, of };
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-check-'));
    pictures = await mkdtemp(path.join(tmpdir(), 'luxcam-pictures-'));
    const image = sharp({ create: { width: 640, height: 360, channels: 3, background: 'green' } });
    await writeFile(path.join(pictures, 'a.jpg'), await image.jpeg().toBuffer());
    const limits = ['--maxmemory', '100mb', '--maxmemory-policy', 'volatile-ttl'];
    await Promise.all([redis.start(limits), mosquitto.start()]);
  });
  after(async () => {
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await Promise.all([folder, pictures].map((each) => rm(each, { recursive: true })));
  });

  it('finds nothing wrong where nothing is, and prints a table', async () => {
    await writeFile(
      path.join(folder, 'luxcam.yaml'),
      configuration({ ttl: '1h', triggers: [{ type: 'timer', every: '10s' }] }),
    );
    const { status, output } = await luxcam(['check'], { cwd: folder });
    assert.equal(status, 0, output);
    const names = ['configuration', 'camera front', 'Redis', 'room front', 'memory', 'clock', 'broker', 'spool'];
    assert.deepEqual(
      output.split('\n').flatMap((line) => line.match(/^OK +(.+?) {2}/)?.[1] ?? []),
      names,
    );
    assert.match(output, /camera front +640x360, \d+(\.\d)? KB, lux unknown, in \d+\.\d s$/m);
    assert.match(output, /room front +360 images at a time \(ttl 60 min\), \d+ KB$/m);
    assert.match(output, /memory .* maxmemory 100 MB, volatile-ttl$/m);
  });

  it('says of each fault what to do about it', async () => {
    const { status, verdict, of } = await check(
      configuration(
        { source: { type: 'folder', path: '/nowhere' }, triggers: [{ type: 'button', gpio: 17 }] },
        { redis: { url: 'redis://:secret@127.0.0.1:1' }, mqtt: { url: 'mqtt://127.0.0.1:1' } },
      ).replace(`${path.join(folder, 'spool')}`, path.join(folder, 'luxcam.yaml/spool')),
    );
    assert.deepEqual([status, verdict], [1, 'fault']);
    for (const name of ['camera front', 'Redis', 'broker', 'spool']) {
      assert.equal(of(name)?.status, 'fault', name);
      assert.ok(of(name)?.remedy, name);
    }
    assert.equal(of('button front')?.status, 'warning', 'it is not known whether an agent holds the line');
    assert.ok(!of('Redis')?.message.includes('secret'));
  });

  it('tells that a line can not be watched on a machine without GPIO', async () => {
    const { status, of } = await check(configuration({ triggers: [{ type: 'pir', gpio: 27 }] }));
    assert.equal(status, 1);
    assert.equal(of('pir front')?.status, 'fault');
    assert.match(of('pir front')?.message ?? '', /GPIO 27/);
  });

  it('warns when the images will not fit, and faults a Redis that will refuse them', async () => {
    const client = await new TestRedis().start(['--maxmemory', '2mb', '--maxmemory-policy', 'noeviction']);
    try {
      const triggers = [{ type: 'timer', every: '100ms' }];
      const many = configuration({ ttl: '7d', triggers });
      const dropped = await check(many);
      assert.deepEqual([dropped.status, dropped.of('memory')?.status], [0, 'warning']);
      assert.match(dropped.of('memory')?.message ?? '', /dropped before their time$/);
      const refused = await check(many.replace(redis.url, client.url));
      assert.deepEqual([refused.status, refused.of('memory')?.status], [1, 'fault']);
    } finally {
      await client.stop();
    }
  });

  it('has the running agent take the picture, for a camera serves one program at a time', async () => {
    const noon = { type: 'timer', cron: '0 12 * * *', ttl: '7d' };
    const text = configuration({ triggers: [{ type: 'pir', gpio: 27 }, noon] });
    const agent = new Agent(parseConfiguration(text, 'luxcam.yaml'), new TestLog().log);
    const listener = await new MqttListener().start(mosquitto.url);
    await agent.start();
    try {
      await listener.message(({ topic, payload }) => topic === 'luxcam/agents/pi1/status' && `${payload}` === 'online');
      const { status, of } = await check(text);
      assert.equal(status, 0);
      assert.match(of('camera front')?.message ?? '', /^640x360, .* by the running agent$/);
      assert.match(of('pir front')?.message ?? '', /^GPIO 27 is the running agent's/);
      assert.match(of('room front')?.message ?? '', /^7 images at a time .*, and what its other triggers add$/);
      assert.equal((await listener.announcement('front')).event, 'captured');
    } finally {
      await agent.stop();
      await listener.stop();
    }
  });

  it('lists the mistakes of a configuration that can not be used', async () => {
    const { status, of } = await check('cameras: { front: { source: { type: film } } }');
    assert.equal(status, 1);
    assert.match(of('configuration')?.message ?? '', /^line 1, cameras\.front\.source\.type/);
  });
});
