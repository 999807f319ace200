import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { Agent } from '../../agent/agent';
import { parseConfiguration } from '../../agent/config';
import { StoreWatch } from '../../agent/store-watch';
import { MemoryWarning } from '../../agent/warnings';
import { type CameraState, parseJson, stateSchema } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { freePort } from '../support/free-port';
import { TestLog } from '../support/log';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { newImage } from '../support/new-image';
import { readPrometheus } from '../support/prometheus';
import { TestRedis } from '../support/redis-server';

describe('what an operator is told of the agent', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;
  let port: number;
  let listener: MqttListener;
  let agent: Agent | undefined;
  let kept: TestLog;

  async function run(settings: object = {}, camera: object = {}): Promise<void> {
    const text = JSON.stringify({
      agent: { name: 'pi1', spool: { path: path.join(folder, 'spool') } },
      redis: { url: redis.url },
      mqtt: { url: mosquitto.url },
      metrics: { port },
      cameras: { front: { source: { type: 'folder', path: folder }, ...camera } },
      ...settings,
    });
    kept = new TestLog();
    agent = new Agent(parseConfiguration(text, 'luxcam.yaml'), kept.log);
    await agent.start();
  }

  const ask = () => listener.client.publishAsync('luxcam/front/capture', '', { qos: 1 });
  const state = async (fits: (state: CameraState) => boolean) => {
    const read = (payload: Buffer) => parseJson(stateSchema, `${payload}`);
    const fitting = await listener.message(
      ({ topic, payload }) => topic === 'luxcam/front/state' && fits(read(payload)),
    );
    listener.heard.length = 0;
    return read(fitting.payload);
  };
  const scrape = async () => readPrometheus(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const logged = (text: string) => kept.lines.filter((line) => line.includes(text)).length;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-monitoring-'));
    const green = sharp({ create: { width: 640, height: 360, channels: 3, background: 'green' } });
    await writeFile(path.join(folder, 'a.jpg'), await green.jpeg().toBuffer());
    await Promise.all([redis.start(['--maxmemory', '100mb']), mosquitto.start()]);
    port = await freePort();
  });
  after(async () => {
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    listener = await new MqttListener().start(mosquitto.url);
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    await listener.client.publishAsync('luxcam/front/state', '', { retain: true, qos: 1 });
    await listener.stop();
  });

  it('are metrics of Prometheus, of each camera and of the process', async () => {
    await run({ warnings: { memory: '80%', silent: 3, spool: true } });
    // It has looked into Redis then. What is asked before the agent has reached the broker, nobody hears.
    await state(({ images }) => images !== null);
    await ask();
    await state(({ captures }) => captures === 1);
    await listener.client.publishAsync('luxcam/front/capture', '{"burst":2}', { qos: 1 });
    await state(({ captures }) => captures === 3);
    // An announcement is heard a moment before it leaves the outbox.
    while ((await scrape()).get('luxcam_outbox_waiting')?.values.get('') !== 0);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const metrics = readPrometheus(await response.text());
    const value = (name: string, labels = '') => metrics.get(name)?.values.get(labels);
    const front = '{camera="front"}';
    assert.equal(value('luxcam_captures_total', front), 3);
    assert.equal(value('luxcam_capture_failures_total', '{camera="front",code="camera_timeout"}'), 0);
    assert.equal(value('luxcam_capture_duration_seconds', `_count${front}`), 3);
    assert.equal(value('luxcam_capture_duration_seconds', '_bucket{camera="front",le="+Inf"}'), 3);
    assert.ok((value('luxcam_capture_duration_seconds', `_sum${front}`) ?? 0) > 0);
    const buckets = [...(metrics.get('luxcam_capture_duration_seconds')?.values ?? [])].slice(0, 10);
    assert.deepEqual(
      buckets,
      buckets.toSorted(([, a], [, b]) => a - b),
      'each bucket holds those before it',
    );
    for (const name of ['spooled_images', 'spool_bytes', 'dropped_images_total'])
      assert.equal(value(`luxcam_${name}`, front), 0, name);
    const last = value('luxcam_last_capture_timestamp_seconds', front) ?? 0;
    assert.ok(Math.abs(last - Date.now() / 1000) < 60, `${last}`);
    assert.deepEqual(
      ['luxcam_redis_connected', 'luxcam_broker_connected', 'luxcam_outbox_waiting'].map((name) => value(name)),
      [1, 1, 0],
    );
    assert.equal(value('luxcam_camera_available', front), 1);
    // It looked into Redis before there was any, and does so again in a minute.
    assert.deepEqual([value('luxcam_images', front), value('luxcam_newest_image_timestamp_seconds', front)], [3, last]);
    assert.deepEqual(
      [...(metrics.get('luxcam_warning')?.values ?? [])],
      ['silent', 'spool', 'memory'].map((kind) => [`{camera="front",kind="${kind}"}`, 0]),
    );
    assert.ok((value('luxcam_redis_memory_bytes') ?? 0) > 100_000);
    assert.ok((value('process_resident_memory_bytes') ?? 0) > 10_000_000);
    assert.equal(metrics.get('luxcam_captures_total')?.type, 'counter');
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
  });

  it('are nowhere where nobody wants them; a port in use is told, and pictures are taken all the same', async () => {
    await run({ metrics: undefined });
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
    await state(() => true);
    await agent?.stop();
    // Its last word: what is heard after it is of the next one.
    await listener.message(({ topic, payload }) => topic === 'luxcam/agents/pi1/status' && `${payload}` === 'offline');
    listener.heard.length = 0;
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      await run();
      assert.match(
        kept.lines.join('\n'),
        new RegExp(`metrics can't be served on 127\\.0\\.0\\.1, port ${port} .*EADDRINUSE`),
      );
      // What is asked before the agent has reached the broker, nobody hears.
      await state(() => true);
      await ask();
      assert.equal((await listener.announcement('front')).event, 'captured');
    } finally {
      other.close();
    }
    const wrong = (metrics: object) => () => parseConfiguration(JSON.stringify({ metrics, cameras: {} }), 'x');
    assert.throws(wrong({ port: 70_000 }), /metrics\.port: a port is a number from 1 to 65535/);
    assert.throws(wrong({ port: '9464' }), /metrics\.port: a port is a number from 1 to 65535/);
  });

  it('are what lies in Redis, and its memory, in the state of each camera', async () => {
    const connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    await connection.client.flushAll();
    const store = new RedisImageStore({ connection, ownsCameras: false });
    const now = Date.now();
    for (const age of [60_000, 0]) await store.put(newImage({ capturedAt: now - age, ttl: 600 }));
    await connection.stop();
    await run();
    const told = await state(({ images }) => images !== null);
    assert.deepEqual([told.images, told.bytes, told.images_per_minute], [2, 16, 1]);
    const passed = (Date.now() - now) / 1000;
    const left = told.mean_time_left ?? 0;
    assert.ok(left <= 570 && left >= 570 - passed - 1, `${left} s, and ${passed} s have passed`);
    assert.equal(told.redis?.maxmemory, 100 * 1024 * 1024);
    assert.equal((told.redis?.room ?? 0) + (told.redis?.used_memory ?? 0), told.redis?.maxmemory);
    assert.deepEqual([told.spool_bytes, told.warnings], [0, []]);
  });

  it('is a camera that is silent, from the third picture of its timer that failed until one comes', async () => {
    const jpeg = await readFile(path.join(folder, 'a.jpg'));
    const asked = new EventEmitter();
    let broken = true;
    const camera = createServer((_request, response) => {
      if (broken) response.writeHead(500).end();
      else response.end(jpeg);
      asked.emit('asked');
    }).listen(0, '127.0.0.1');
    await once(camera, 'listening');
    const address = z.object({ port: z.number() }).parse(camera.address());
    const source = { type: 'http', url: `http://127.0.0.1:${address.port}/` };
    try {
      await run({ warnings: { silent: 3 } }, { source, triggers: [{ type: 'timer', every: '200ms' }] });
      const { warnings, failures } = await state((told) => told.warnings.length > 0);
      assert.ok(failures >= 3, `${failures}`);
      assert.deepEqual(
        warnings.map(({ kind, message }) => [kind, message]),
        [['silent', 'front is silent: the last 3 pictures that its timer asked for did not come']],
      );
      const kind = '{camera="front",kind="silent"}';
      assert.equal((await scrape()).get('luxcam_warning')?.values.get(kind), 1);
      const failed = (await scrape()).get('luxcam_capture_failures_total')?.values;
      assert.ok((failed?.get('{camera="front",code="camera_failed"}') ?? 0) >= 3);
      broken = false;
      await state((told) => told.captures > 0 && told.warnings.length === 0);
      assert.equal((await scrape()).get('luxcam_warning')?.values.get(kind), 0);
      assert.deepEqual([logged('warning: front is silent'), logged('warning over')], [1, 1]);
    } finally {
      camera.close();
      camera.closeAllConnections();
    }
  });

  it('is a camera that hangs, with the first of its pictures that fails', async () => {
    const source = { type: 'command', command: ['sleep', '100'] };
    const triggers = [{ type: 'timer', every: '100ms' }];
    await run({ warnings: { silent: 3 } }, { source, timeout: '1s', triggers });
    const { failures } = await state((told) => told.warnings.length > 0);
    assert.equal(failures, 1);
    await listener.client.publishAsync('luxcam/front/set/timer', 'OFF', { qos: 1 });
    await state((told) => told.timer === 'OFF' && told.warnings.length === 0);
    await listener.client.publishAsync('luxcam/front/set/timer', 'ON', { qos: 1 });
    await state((told) => told.timer === 'ON');
  });

  it('is a timer that was switched off no silence', async () => {
    const source = { type: 'http', url: 'http://127.0.0.1:1/' };
    await run({ warnings: { silent: 1 } }, { source, triggers: [{ type: 'timer', every: '200ms' }] });
    await state((told) => told.warnings.length > 0);
    await listener.client.publishAsync('luxcam/front/set/timer', 'OFF', { qos: 1 });
    await state((told) => told.timer === 'OFF' && told.warnings.length === 0);
    await listener.client.publishAsync('luxcam/front/set/timer', 'ON', { qos: 1 });
    await state((told) => told.timer === 'ON');
  });

  it('is that images wait on disk, from the first one until the last is in Redis', async () => {
    await run({ warnings: { spool: true } });
    await state(() => true);
    await redis.kill();
    try {
      await ask();
      const { warnings, spool_bytes } = await state((told) => told.warnings.length > 0);
      assert.deepEqual([warnings[0]?.kind, warnings[0]?.message.includes('front wait on disk')], ['spool', true]);
      const metrics = await scrape();
      assert.ok(spool_bytes > 500);
      assert.equal(metrics.get('luxcam_spool_bytes')?.values.get('{camera="front"}'), spool_bytes);
      assert.equal(metrics.get('luxcam_redis_connected')?.values.get(''), 0);
      assert.ok(!metrics.has('luxcam_outbox_waiting'), 'nobody can tell');
    } finally {
      await redis.resume();
    }
    await state((told) => told.spooled === 0 && told.warnings.length === 0);
    assert.deepEqual([logged('warning: images of front wait'), logged('warning over')], [1, 1]);
  });

  it('is that Redis is nearly full, in the state of each camera', async () => {
    const admin = new RedisConnection({ url: redis.url, prefix: '' });
    admin.start();
    await admin.ready();
    await admin.client.configSet('maxmemory', '2mb');
    try {
      await run({ warnings: { memory: '10%' } });
      const { warnings, redis: memory } = await state((told) => told.warnings.length > 0);
      assert.equal(warnings[0]?.kind, 'memory');
      assert.match(warnings[0]?.message ?? '', /^Redis uses \d+ % of its memory, and 10 % are the limit: shorten ttl/);
      assert.equal(memory?.maxmemory, 2 * 1024 * 1024);
      assert.equal(logged('warning: Redis uses'), 1);
    } finally {
      await admin.client.configSet('maxmemory', '100mb');
      await admin.stop();
    }
  });

  it('ends to be told of a full Redis only when it is well below the limit', () => {
    const { log, lines } = new TestLog();
    const warning = new MemoryWarning({ memory: 80, spool: false }, log);
    const given = [70, 80, 78, 76, 81, 74, 79].map((used) => {
      warning.judge({ used, limit: 100, room: 100 - used });
      return warning.list.length;
    });
    assert.deepEqual(given, [0, 1, 1, 1, 1, 0, 0]);
    assert.equal(lines.length, 2);
    warning.judge({ used: 1000, limit: 0, room: null });
    warning.judge(null);
    assert.deepEqual(warning.list, [], 'without a limit nothing is full');
  });

  it('is looked for again and again, and knows no memory where Redis keeps it to itself', async () => {
    const admin = new RedisConnection({ url: redis.url, prefix: '' });
    admin.start();
    await admin.ready();
    await admin.client.sendCommand(['ACL', 'SETUSER', 'guest', 'on', '>guest', '~*', '+@all', '-info']);
    const connection = new RedisConnection({ url: redis.url, prefix: 'w:', username: 'guest', password: 'guest' });
    const store = new RedisImageStore({ connection, ownsCameras: true });
    const looks = new EventEmitter();
    const watch = new StoreWatch({
      ...{ store, cameras: ['front'], log: new TestLog().log, every: 10 },
      onChange: () => looks.emit('look'),
    });
    connection.start();
    watch.start();
    try {
      while (watch.of('front') === null) await once(looks, 'look');
      assert.deepEqual([watch.memory, watch.of('front')?.images], [null, 0]);
      await store.put(newImage());
      while (watch.of('front')?.images === 0) await once(looks, 'look');
      assert.equal(watch.of('front')?.images, 1);
    } finally {
      await watch.stop();
      await connection.stop();
      await admin.stop();
    }
  });
});
