import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { Agent } from '../../agent/agent';
import { parseConfiguration } from '../../agent/config';
import { announcementSchema, availabilitySchema, parseJson, stateSchema } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { TestGate } from '../support/gate';
import { TestLog } from '../support/log';
import { TestMosquitto } from '../support/mosquitto';
import { type HeardMessage, MqttListener } from '../support/mqtt-listener';
import { TestRedis } from '../support/redis-server';

describe('the agent', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;
  let spool: string;
  let listener: MqttListener;
  let store: RedisImageStore;
  let connection: RedisConnection;
  let agent: Agent | undefined;
  let kept: TestLog;

  /** Runs an agent with one camera, `front`, whose pictures come from a folder. */
  async function run(camera: object = {}, broker: object = {}): Promise<void> {
    const text = JSON.stringify({
      agent: { name: 'pi1', spool: { path: spool } },
      redis: { url: redis.url },
      mqtt: { url: mosquitto.url, ...broker },
      cameras: { front: { source: { type: 'folder', path: folder }, ...camera } },
    });
    kept = new TestLog();
    agent = new Agent(parseConfiguration(text, 'luxcam.yaml'), kept.log);
    await agent.start();
    await listener.message(({ topic, payload }) => topic === 'luxcam/front/availability' && `${payload}` === 'online');
  }

  const ask = (command: object | string = '', options: object = {}) =>
    listener.client.publishAsync(
      'luxcam/front/capture',
      typeof command === 'string' ? command : JSON.stringify(command),
      {
        qos: 1,
        ...options,
      },
    );

  /** Our own connection has to be there again too before we look at what is stored. */
  async function bringRedisBack(): Promise<void> {
    await redis.resume();
    await connection.ready();
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-agent-'));
    for (const [name, colour] of Object.entries({ a: 'red', b: 'green', c: 'blue' })) {
      const jpeg = await sharp({ create: { width: 800, height: 450, channels: 3, background: colour } })
        .jpeg()
        .toBuffer();
      await writeFile(path.join(folder, `${name}.jpg`), jpeg);
    }
    await Promise.all([redis.start(), mosquitto.start()]);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: false });
  });
  after(async () => {
    await connection.stop();
    await Promise.all([redis.stop(), mosquitto.stop(), rm(folder, { recursive: true })]);
  });
  beforeEach(async () => {
    await connection.client.flushAll();
    spool = await mkdtemp(path.join(tmpdir(), 'luxcam-spool-'));
    listener = await new MqttListener().start(mosquitto.url);
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    for (const topic of new Set(listener.heard.map((message) => message.topic)))
      await listener.client.publishAsync(topic, '', { retain: true });
    await listener.stop();
    await rm(spool, { recursive: true });
  });

  it('takes a picture when asked over MQTT, stores it and announces it with the transaction', async () => {
    await run({ ttl: '5m' });
    await ask({ transaction: 't1', meta: { door: 'open' } });
    const said = await listener.announcement('front');
    assert.ok(said.event === 'captured');
    assert.deepEqual(
      [said.transaction, said.trigger, said.agent, said.ttl, said.sequence, said.replayed, said.width, said.height],
      ['t1', 'command', 'pi1', 300, 1, false, 800, 450],
    );
    assert.deepEqual(said.meta.door, 'open');
    const stored = await store.get(said.id);
    assert.equal(stored?.bytes.length, said.size);
    assert.equal(stored?.image.sha256, said.sha256);
    assert.ok((await store.thumbnail(said.id))?.thumbnail, 'it has a thumbnail');
  });

  it('says in latest, thumbnail, state and availability how things are, retained', async () => {
    await run({ triggers: [{ type: 'timer', every: '1h' }] });
    const said = await listener.announcement('front');
    await listener.message(({ topic }) => topic === 'luxcam/front/thumbnail');
    await listener.message(
      ({ topic, payload }) => topic === 'luxcam/front/state' && parseJson(stateSchema, `${payload}`).captures === 1,
    );
    const late = await new MqttListener().start(mosquitto.url);
    try {
      const retained = async (topic: string) => (await late.message((message) => message.topic === topic)).payload;
      const latest = await late.message((message) => message.topic === 'luxcam/front/latest');
      assert.deepEqual(JSON.parse(`${latest.payload}`), said);
      const expiry = latest.packet.properties?.messageExpiryInterval ?? 0;
      assert.ok(expiry > 3500 && expiry <= 3600, `it expires after ${expiry} s`);
      assert.equal((await sharp(await retained('luxcam/front/thumbnail')).metadata()).width, 320);
      assert.equal(`${await retained('luxcam/agents/pi1/status')}`, 'online');
      assert.equal(`${await retained('luxcam/front/availability')}`, 'online');
      const state = parseJson(stateSchema, `${await retained('luxcam/front/state')}`);
      assert.deepEqual(
        [state.agent, state.timer, state.interval, state.ttl, state.captures, state.failures, state.motion],
        ['pi1', 'ON', 3600, 3600, 1, 0, null],
      );
      assert.equal(said.event === 'captured' && said.captured_at, state.last_capture);
    } finally {
      await late.stop();
    }
  });

  it('changes interval, timer and ttl when it is told to, says so in its state, and remembers it', async () => {
    const camera = { triggers: [{ type: 'timer', every: '1h' }] };
    const state = (timer: string, interval: number, ttl: number) =>
      listener.message(({ topic, payload }) => {
        const told = topic === 'luxcam/front/state' && parseJson(stateSchema, `${payload}`);
        return told && told.timer === timer && told.interval === interval && told.ttl === ttl;
      });
    const set = (setting: string, value: string, retain = false) =>
      listener.client.publishAsync(`luxcam/front/set/${setting}`, value, { qos: 1, retain });
    await set('ttl', '5', true);
    await run(camera);
    await set('interval', '0.2');
    await set('ttl', '600');
    await state('ON', 0.2, 600);
    const said = await listener.announcement('front', (each) => each.event === 'captured' && each.ttl === 600);
    assert.ok('trigger' in said && said.trigger === 'timer');
    await set('interval', 'often');
    await set('timer', 'OFF');
    await state('OFF', 0.2, 600);
    await kept.written('a retained one is ignored');
    await agent?.stop();
    listener.heard.length = 0;
    await run(camera);
    await state('OFF', 0.2, 600);
  });

  it('gives the images of a trigger what its settings say: name, life, meta, burst', async () => {
    const burst = { count: 2, every: '1s' };
    const trigger = { type: 'timer', every: '1h', name: 'hourly', ttl: '2m', meta: { why: 'weather' }, burst };
    const began = Date.now();
    await run({ triggers: [trigger] });
    await listener.announcement('front', (said) => 'burst' in said && said.burst?.index === 2);
    const said = listener.announcements('front').filter((each) => each.event === 'captured');
    assert.deepEqual(
      said.map((each) => [each.trigger_source, each.ttl, each.meta.why, each.burst]),
      [1, 2].map((index) => ['hourly', 120, 'weather', { index, of: 2 }]),
    );
    // On a busy machine the first one may be late, and the second one is none the later for it.
    const second = said[1]?.timestamp_ms ?? 0;
    assert.ok(second >= began + 990, `the second one came ${second - began} ms after the start`);
  });

  it('does not wait for the next picture of a burst when it is to stop', async () => {
    await run({ triggers: [{ type: 'timer', every: '1h', burst: { count: 100, every: '1m' } }] });
    await listener.announcement('front');
    await agent?.stop();
    assert.equal(listener.announcements('front').length, 1);
  });

  it('takes a burst as one request with several announcements, in order', async () => {
    await run();
    await ask({ transaction: 't3', burst: 3, ttl: 60 });
    await listener.announcement('front', (said) => 'burst' in said && said.burst?.index === 3);
    const said = listener.announcements('front');
    assert.deepEqual(
      said.map((each) => each.event === 'captured' && [each.burst, each.sequence, each.transaction, each.ttl]),
      [1, 2, 3].map((index) => [{ index, of: 3 }, index, 't3', 60]),
    );
    assert.equal(new Set(said.map((each) => each.event === 'captured' && each.id)).size, 3);
  });

  it('answers on the response topic of MQTT 5 with its correlation data', async () => {
    await run();
    const properties = { responseTopic: 'answers/me', correlationData: Buffer.from('mark') };
    await ask({ transaction: 't4' }, { properties });
    const answer = await listener.message(({ topic }) => topic === 'answers/me');
    assert.equal(`${answer.packet.properties?.correlationData}`, 'mark');
    assert.deepEqual(JSON.parse(`${answer.payload}`), await listener.announcement('front'));
  });

  it('refuses a command that makes no sense, in words, and takes no picture', async () => {
    await run();
    for (const command of ['not JSON', '{"burst":0}', '{"tll":5}', '[]']) await ask(command);
    await ask({ transaction: 'after' });
    await listener.announcement('front', (said) => said.event === 'captured');
    const said = listener.announcements('front');
    assert.deepEqual(
      said.map((each) => (each.event === 'failed' ? each.error.code : each.event)),
      ['invalid_request', 'invalid_request', 'invalid_request', 'invalid_request', 'captured'],
    );
    assert.match(said[1]?.event === 'failed' ? said[1].error.message : '', /burst/);
  });

  it('ignores a retained command, which would take a picture at each reconnect', async () => {
    await ask({ transaction: 'old' }, { retain: true });
    await run();
    await ask({ transaction: 'new' });
    const said = await listener.announcement('front');
    assert.ok(said.event === 'captured' && said.transaction === 'new');
    await listener.client.publishAsync('luxcam/front/capture', '', { retain: true });
  });

  it('lets 8 requests wait while a camera is busy, and refuses more as camera_busy', async () => {
    const jpeg = await readFile(path.join(folder, 'a.jpg'));
    const asked = new EventEmitter<{ request: [ServerResponse] }>();
    const slow = createServer((_request, response) => asked.emit('request', response)).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    try {
      await run({
        source: { type: 'http', url: `http://127.0.0.1:${z.object({ port: z.number() }).parse(slow.address()).port}/` },
      });
      // The broker may acknowledge the command after the camera was asked.
      const requested = once(asked, 'request');
      await ask({ transaction: 'first' });
      const [held] = await requested;
      for (let at = 1; at <= 10; at += 1) await ask({ transaction: `wait ${at}` });
      for (const last of ['wait 9', 'wait 10']) {
        const refused = await listener.announcement(
          'front',
          (said) => 'transaction' in said && said.transaction === last,
        );
        assert.ok(refused.event === 'failed' && refused.error.code === 'camera_busy');
      }
      asked.on('request', (response) => response.end(jpeg));
      held.end(jpeg);
      const eighth = await listener.announcement(
        'front',
        (said) => 'transaction' in said && said.transaction === 'wait 8',
      );
      assert.equal(eighth.event, 'captured');
    } finally {
      slow.close();
      slow.closeAllConnections();
    }
  });

  it('says that a capture failed, and why, and that the camera is offline until one succeeds', async () => {
    const source = { type: 'http', url: 'http://127.0.0.1:1/snapshot.jpg' };
    await run({ source });
    await ask({ transaction: 'lost' });
    const said = await listener.announcement('front');
    assert.ok(said.event === 'failed');
    assert.deepEqual([said.transaction, said.error.code], ['lost', 'camera_failed']);
    await listener.message(({ topic, payload }) => topic === 'luxcam/front/availability' && `${payload}` === 'offline');
  });

  it('announces after the return of the broker what was captured while it was away, in order', async () => {
    const gate = await new TestGate(mosquitto.port).open();
    await run({ triggers: [{ type: 'timer', every: '200ms' }] }, { url: `mqtt://127.0.0.1:${gate.port}` });
    await listener.announcement('front');
    await listener.stop();
    await mosquitto.kill();
    await gate.close();
    const stop = new AbortController();
    const feed = store.events('$', stop.signal);
    for (let more = 0; more < 3; more += 1) await feed.next();
    stop.abort();
    await mosquitto.resume();
    listener = await new MqttListener().start(mosquitto.url);
    const { images } = await store.list({ limit: 200 });
    const newest = images[0]?.id;
    // Not before somebody listens: nobody would hear what the agent says until then.
    await gate.open();
    await listener.announcement('front', (said) => said.event === 'captured' && said.id === newest);
    const heard = listener.announcements('front').flatMap((said) => (said.event === 'captured' ? [said.sequence] : []));
    assert.deepEqual(
      heard,
      [...new Set(heard)].sort((a, b) => a - b),
      'in order, each once',
    );
    assert.ok(heard.length >= 3);
    await agent?.stop();
    await gate.close();
  });

  it('keeps images on disk while Redis is away, and brings them there afterwards, in order', async () => {
    await run();
    await redis.kill();
    const began = Date.now();
    try {
      await ask({ transaction: 'lost?', burst: 3 });
      const waits = await listener.announcement('front', (said) => 'burst' in said && said.burst?.index === 3);
      assert.equal(waits.event, 'spooled');
      const full = (each: HeardMessage) => each.topic === 'luxcam/front/state' && spooledIn(each) === 3;
      await listener.message(full);
    } finally {
      await bringRedisBack();
    }
    await listener.announcement('front', (said) => said.event === 'captured' && said.burst?.index === 3);
    const captured = listener.announcements('front').flatMap((said) => (said.event === 'captured' ? [said] : []));
    assert.deepEqual(
      captured.map((said) => [said.transaction, said.burst?.index, said.sequence, said.replayed]),
      [1, 2, 3].map((index) => ['lost?', index, index, true]),
    );
    for (const { id, timestamp_ms } of captured) {
      assert.ok(timestamp_ms >= began - 1000 && (await store.get(id)), 'it has its own capture time');
    }
    await ask({ transaction: 'after' });
    const after = await listener.announcement('front', (said) => 'transaction' in said && said.transaction === 'after');
    assert.ok(after.event === 'captured' && !after.replayed);
    await listener.message((each) => each.topic === 'luxcam/front/state' && spooledIn(each) === 0);
  });

  it('brings images to Redis that an agent which was killed has left on disk', async () => {
    await run();
    await redis.kill();
    await ask({ transaction: 'before the crash' });
    await listener.announcement('front', (said) => said.event === 'spooled');
    await agent?.stop();
    await bringRedisBack();
    await run();
    const said = await listener.announcement('front', (each) => each.event === 'captured');
    assert.ok(said.event === 'captured' && said.replayed && said.transaction === 'before the crash');
  });

  it('stores the capture in flight, says offline and leaves nothing in the outbox when it stops', async () => {
    await run();
    await ask({ transaction: 'last', burst: 50 });
    await listener.announcement('front');
    await agent?.stop();
    agent = undefined;
    await listener.message(({ topic, payload }) => topic === 'luxcam/agents/pi1/status' && `${payload}` === 'offline');
    const said = listener.announcements('front');
    const { images } = await store.list({ limit: 200 });
    const captured = said.flatMap((each) => (each.event === 'captured' ? [each.id] : []));
    assert.deepEqual(
      captured.toReversed(),
      images.map((image) => image.id),
    );
    assert.ok(images.length < 50, 'it begins no other picture');
    assert.deepEqual(
      said.map((each) => 'burst' in each && each.burst?.index),
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
    const left = said.slice(images.length).map((each) => each.event === 'failed' && each.error.code);
    assert.deepEqual([...new Set(left)], ['agent_stopping']);
    assert.equal(await connection.client.xLen('outbox:pi1'), 0);
    const lastWord = (topic: string) => parseLast(listener, topic);
    assert.equal(lastWord('luxcam/front/availability'), 'offline');
    assert.equal(lastWord('luxcam/agents/pi1/status'), 'offline');
  });

  it('answers the commands that wait when it stops, before it says offline', async () => {
    const jpeg = await readFile(path.join(folder, 'a.jpg'));
    const asked = new EventEmitter<{ request: [ServerResponse] }>();
    const slow = createServer((_request, response) => asked.emit('request', response)).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    try {
      const { port } = z.object({ port: z.number() }).parse(slow.address());
      await run({ source: { type: 'http', url: `http://127.0.0.1:${port}/` } });
      const requested = once(asked, 'request');
      await ask({ transaction: 'in flight' });
      const [held] = await requested;
      const properties = { responseTopic: 'answers/me' };
      for (const transaction of ['wait 1', 'wait 2']) await ask({ transaction }, { properties });
      // The agent has them when it answers one that is wrong.
      await ask('wrong');
      await listener.announcement('front', (said) => said.event === 'failed');
      const stopped = agent?.stop();
      agent = undefined;
      held.end(jpeg);
      await stopped;
    } finally {
      slow.close();
      slow.closeAllConnections();
    }
    await listener.message(({ topic, payload }) => topic === 'luxcam/agents/pi1/status' && `${payload}` === 'offline');
    const words = listener.heard.flatMap(({ topic, payload }) => {
      if (topic === 'luxcam/agents/pi1/status') return [`${payload}`];
      if (topic !== 'answers/me' && topic !== 'luxcam/front/event') return [];
      const said = parseJson(announcementSchema, `${payload}`);
      const code = said.event === 'failed' ? said.error.code : said.event;
      return 'transaction' in said ? [`${topic === 'answers/me' ? 'answer ' : ''}${said.transaction} ${code}`] : [];
    });
    for (const transaction of ['wait 1', 'wait 2'])
      for (const word of [`${transaction} agent_stopping`, `answer ${transaction} agent_stopping`])
        assert.ok(words.includes(word) && words.indexOf(word) < words.lastIndexOf('offline'), words.join(', '));
    assert.ok(words.includes('in flight captured'), words.join(', '));
  });

  it('says that it is online again when the last will of an earlier session comes late', async () => {
    await run();
    await listener.client.publishAsync('luxcam/agents/pi1/status', 'offline', { qos: 1, retain: true });
    const said = () =>
      listener.heard.filter(({ topic }) => topic === 'luxcam/agents/pi1/status').map(({ payload }) => `${payload}`);
    await listener.message(() => said().at(-1) === 'online' && said().includes('offline'));
  });

  it('writes one line per capture to its log, without secrets', async () => {
    await run();
    await ask();
    const said = await listener.announcement('front');
    assert.ok(said.event === 'captured');
    const about = kept.lines.filter((line) => line.includes(said.id));
    assert.equal(about.length, 1);
    const line = parseJson(z.looseObject({ camera: z.string(), msg: z.string(), trigger: z.string() }), about[0] ?? '');
    assert.deepEqual([line.camera, line.msg, line.trigger], ['front', 'captured', 'command']);
  });
});

function spooledIn({ payload }: HeardMessage): number {
  return parseJson(stateSchema, `${payload}`).spooled;
}

function parseLast(listener: MqttListener, topic: string): string {
  const last = listener.heard.findLast((message) => message.topic === topic);
  return availabilitySchema.parse(`${last?.payload}`);
}
