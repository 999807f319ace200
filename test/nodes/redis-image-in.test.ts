import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { NodeMessage } from 'node-red';
import { z } from 'zod';
import { adoptImage } from '../../core/adopt-image';
import type { NewImage } from '../../core/image';
import { LiveFrameWriter } from '../../core/live-frame-writer';
import type { ImageMessage } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { LiveFrameMessage } from '../../nodes/redis-image-in/live-frames';
import { markedFrame } from '../support/live-frame';
import { newImage } from '../support/new-image';
import { type CaughtMessage, TestFlow } from '../support/node-red-flow';
import { TestRedis } from '../support/redis-server';

const entrySchema = z.object({ message: z.record(z.string(), z.string()) });

type SentImage = NodeMessage & { image: ImageMessage; total?: number | null; next?: string | null };

describe('the redis-image-in node', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let flow: TestFlow;

  const image = (settings: object) => ({
    id: 'image',
    type: 'redis-image-in',
    z: 'tab',
    store: 'store',
    mode: 'each',
    camera: '',
    cameraType: 'str',
    trigger: '',
    limit: 50,
    together: false,
    output: 'buffer',
    wires: [['out']],
    ...settings,
  });
  const nodes = (settings: object) => [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: 'house:' },
    image(settings),
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'catch', type: 'catch', z: 'tab', scope: ['image'], wires: [['caught']] },
    { id: 'caught', type: 'helper', z: 'tab' },
    { id: 'complete', type: 'complete', z: 'tab', scope: ['image'], wires: [['completed']] },
    { id: 'completed', type: 'helper', z: 'tab' },
  ];
  const start = async (settings: object = {}) => {
    flow = await new TestFlow().start(nodes(settings));
    await flow.status('image', /^(ready|waiting for new images)$/);
  };
  const put = (given: Partial<NewImage> = {}) => store.put(newImage(given));

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
    // The numbers of the images begin anew, too.
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  afterEach(async () => {
    // A node that is removed, and not just stopped, forgets how far it had come.
    await flow.deploy([{ id: 'tab', type: 'tab' }]);
    await flow.stop();
  });

  describe('for live frames', () => {
    let writer: LiveFrameWriter;
    const send = (mark: number) => writer.send(markedFrame(mark), Date.now());
    /** Sends small frames of these numbers from another process, while nothing else can run in Node-RED. */
    const sendMeanwhile = (first: number, numbers: number[]) => {
      const commands = numbers.map((number) => [
        'XADD house:live:front MAXLEN = 1 *',
        ...Object.entries({ number, first, timestamp_ms: 1, size: 4 }).flat(),
        'frame "\\xff\\xd8\\xff\\xe0"',
      ]);
      execFileSync('redis-cli', ['-u', redis.url], { input: commands.map((words) => words.join(' ')).join('\n') });
    };
    type SentFrame = NodeMessage & { image: LiveFrameMessage; payload: Buffer };
    const live = async (settings: object = {}) => {
      flow = await new TestFlow().start(nodes({ mode: 'live', camera: 'front', ...settings }));
      await flow.status('image', /^waiting for live frames of front$/);
    };

    beforeEach(() => {
      writer = new LiveFrameWriter(connection, 'front');
    });

    it('asks the camera for them, sends each one unharmed, and says so', async () => {
      await live();
      while (!(await writer.watched())) await new Promise(setImmediate);
      await send(1);
      const sent = await flow.next<SentFrame>('out');
      assert.deepEqual(sent.payload, markedFrame(1));
      assert.equal(sent.topic, 'front');
      const { number, timestamp_ms, ...rest } = sent.image;
      const captured_at = new Date(timestamp_ms).toISOString();
      assert.deepEqual(rest, { camera: 'front', captured_at, mime_type: 'image/jpeg', size: 100_000, skipped: 0 });
      await flow.status('image', /^live frames of front$/);
      await send(2);
      assert.equal((await flow.next<SentFrame>('out')).image.number, number + 1);
    });

    it('sends no more a second than it may: the newest one, with the number of those in between', async () => {
      await live({ fps: '2' });
      await send(1);
      const { number } = (await flow.next<SentFrame>('out')).image;
      // All within the half second, however slow the machine is.
      sendMeanwhile(
        number,
        Array.from({ length: 9 }, (_, index) => number + 1 + index),
      );
      const { image } = await flow.next<SentFrame>('out');
      assert.deepEqual([image.skipped, image.number], [8, number + 9]);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('skips what came while the flow was busy', async () => {
      await live();
      await send(1);
      await flow.next<SentFrame>('out');
      sendMeanwhile(
        100,
        Array.from({ length: 30 }, (_, index) => index + 100),
      );
      const numbers: number[] = [];
      while (numbers.at(-1) !== 129) numbers.push((await flow.next<SentFrame>('out')).image.number);
      assert.ok(numbers.length <= 2, `it sent ${numbers}`);
    });

    it('stops asking for them when it is deployed without', async () => {
      await live();
      await flow.deploy(nodes({ mode: 'live', camera: 'garden' }));
      await flow.status('image', /^waiting for live frames of garden$/);
      await connection.client.del('house:watched:front');
      while ((await connection.client.exists('house:watched:garden')) === 0) await new Promise(setImmediate);
      assert.equal(await writer.watched(), false);
    });

    it('wants the name of a camera', async () => {
      flow = await new TestFlow().start(nodes({ mode: 'live', camera: '' }));
      await flow.status('image', /^Live frames are those of one camera: name it$/);
    });
  });

  describe('for each new image', () => {
    it('sends the bytes unharmed, with the metadata, and none that was there before', async () => {
      await put();
      await start();
      const stored = await put({ lux: 268, trigger: 'motion' });
      const sent = await flow.next<SentImage>('out');
      assert.deepEqual(sent.payload, newImage().bytes);
      assert.equal(sent.image.id, stored.id);
      assert.equal(sent.image.lux, 268);
      assert.equal(sent.topic, 'front');
      await flow.status('image', /^front, just now$/);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('sends only those of the chosen camera and trigger', async () => {
      await start({ camera: 'front', trigger: 'motion' });
      await put({ trigger: 'timer' });
      await put({ camera: 'garden', trigger: 'motion' });
      const fitting = await put({ trigger: 'motion' });
      assert.equal((await flow.next<SentImage>('out')).image.id, fitting.id);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('misses none and repeats none when its connections to Redis break', async () => {
      await start({ output: 'metadata' });
      const ids = [];
      for (let number = 0; number < 12; number += 1) {
        if (number % 4 === 1) {
          await connection.client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
        }
        ids.push((await put()).id);
      }
      const sent = [];
      while (sent.length < ids.length) sent.push((await flow.next<SentImage>('out')).image.id);
      assert.deepEqual(sent, ids);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('finds what was stored while it was cut off, also when the feed no longer holds it', async () => {
      await start({ output: 'metadata' });
      const first = await put();
      assert.equal((await flow.next<SentImage>('out')).image.id, first.id);
      // Another program's, and no news.
      const old = newImage({ capturedAt: first.capturedAt - 120_000, trigger: 'adopted' });
      await adoptImage(store, old, { name: 'image:1', expiresAt: first.capturedAt + 3_600_000 });
      await connection.client.multi().addCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']).exec();
      // Waited on an agent's disk: stored last, but taken before the first.
      const disk = new RedisImageStore({ connection, ownsCameras: false });
      const late = await disk.put(newImage({ capturedAt: first.capturedAt - 60_000, replayed: true }));
      assert.ok(late.capturedAt < first.capturedAt);
      const second = await put();
      await connection.client.xTrim(connection.keys.events(), 'MAXLEN', 0);
      const sent = [await flow.next<SentImage>('out'), await flow.next<SentImage>('out')];
      assert.deepEqual(sent.map(({ image: { id } }) => id).sort(), [late.id, second.id].sort());
      const third = await put();
      assert.equal((await flow.next<SentImage>('out')).image.id, third.id);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('finds what is stored after Redis has lost all it had', async () => {
      await start({ output: 'metadata' });
      for (let number = 0; number < 3; number += 1) await put();
      for (let number = 0; number < 3; number += 1) await flow.next('out');
      await connection.client.flushAll();
      await connection.client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      // A Redis does not lose all and come back within the millisecond or two that the images above are apart.
      const image = newImage({ capturedAt: Date.now() + 1000 });
      const { id } = await new RedisImageStore({ connection, ownsCameras: true }).put(image);
      assert.equal((await flow.next<SentImage>('out')).image.id, id);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('sends the first and the last of a rush of each camera, where only the latest is wanted', async () => {
      const ids = [];
      for (const camera of ['front', 'garden', 'front', 'garden', 'front']) ids.push((await put({ camera })).id);
      const events = connection.keys.events();
      const announced = z.array(entrySchema).parse(await connection.client.xRange(events, '-', '+'));
      await start({ output: 'metadata', backlog: 'latest' });
      // In one transaction the node hears of all at once.
      const transaction = connection.client.multi();
      for (const entry of announced) transaction.xAdd(events, '*', entry.message);
      await transaction.exec();
      const sent = [];
      for (let number = 0; number < 3; number += 1) sent.push((await flow.next<SentImage>('out')).image.id);
      assert.deepEqual(sent, [ids[0], ids[3], ids[4]]);
      const later = await put();
      assert.equal((await flow.next<SentImage>('out')).image.id, later.id);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('goes on where it was when the flow is deployed anew', async () => {
      await start({ output: 'metadata' });
      await flow.deploy(nodes({ output: 'metadata', name: 'changed' }).filter((node) => node.id !== 'image'));
      await flow.deploy(nodes({ output: 'metadata', name: 'removed, and so begins anew' }));
      await flow.status('image', /waiting/);
      const first = await put();
      assert.equal((await flow.next<SentImage>('out')).image.id, first.id);
      const deployed = flow.deploy(nodes({ output: 'metadata', name: 'again' }));
      const second = await put();
      await deployed;
      assert.equal((await flow.next<SentImage>('out')).image.id, second.id);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('waits for a Redis that comes later, and says what keeps it', async () => {
      const absent = await new TestRedis().start();
      await absent.kill();
      flow = await new TestFlow().start(
        nodes({}).map((node) => (node.id === 'store' ? { ...node, url: absent.url } : node)),
      );
      await flow.status('image', /no connection to Redis at 127\.0\.0\.1:\d+ .*ECONNREFUSED/);
      await absent.resume();
      await flow.status('image', /waiting for new images/);
      const late = new RedisConnection({ url: absent.url, prefix: 'house:' });
      late.start();
      await late.ready();
      const stored = await new RedisImageStore({ connection: late, ownsCameras: true }).put(newImage());
      assert.equal((await flow.next<SentImage>('out')).image.id, stored.id);
      await late.stop();
      await absent.stop();
    });
  });

  it('lets the editor show the newest image of a store, or of one camera', async () => {
    await start({ mode: 'latest' });
    const thumbnail = Buffer.from([0xff, 0xd8, 0x80, 0xff]);
    assert.equal((await flow.admin('/luxcam/preview?store=store')).status, 404);
    const { id } = await put({ thumbnail });
    await put({ camera: 'garden', thumbnail: Buffer.from([0xff]) });
    const { status, body, headers } = await flow.admin('/luxcam/preview?store=store&camera=front');
    assert.equal(status, 200);
    assert.deepEqual(body, thumbnail);
    assert.deepEqual([headers['content-type'], headers['x-image-id']], ['image/jpeg', id]);
    assert.match((await flow.admin('/luxcam/preview?store=store&camera=')).headers['x-image-id'] ?? '', /^garden:/);
    assert.equal((await flow.admin('/luxcam/preview?store=store&camera=../x')).status, 400);
    assert.equal((await flow.admin('/luxcam/preview?store=image')).status, 409);
  });

  it('lets the editor show a newest image that has no thumbnail, but nothing that is no picture', async () => {
    await start({ mode: 'latest' });
    const { id } = await put({ mimeType: 'image/png' });
    const shown = await flow.admin('/luxcam/preview?store=store&camera=front');
    assert.deepEqual([shown.status, shown.body], [200, newImage().bytes]);
    assert.deepEqual([shown.headers['content-type'], shown.headers['x-image-id']], ['image/png', id]);
    const { id: other } = await put({ mimeType: 'image/svg+xml' });
    const told = await flow.admin('/luxcam/preview?store=store&camera=front');
    assert.deepEqual([told.status, told.headers['x-image-id']], [204, other]);
  });

  describe('by message', () => {
    it('sends the image of an id or of an announcement, and keeps the message', async () => {
      await start({ mode: 'id' });
      const { id } = await put();
      flow.send('image', { payload: id, kept: 1 });
      const sent = await flow.next<SentImage>('out');
      assert.deepEqual([sent.payload, sent.image.id, sent.kept], [newImage().bytes, id, 1]);
      flow.send('image', { payload: { event: 'captured', id } });
      assert.equal((await flow.next<SentImage>('out')).image.id, id);
      await flow.next('completed');
    });

    it('sends a data URL, the thumbnail or the metadata alone', async () => {
      const { id } = await put({ thumbnail: Buffer.from([0xff, 0xd8, 0xff]) });
      await start({ mode: 'id', output: 'dataurl' });
      flow.send('image', { payload: id });
      const dataUrl = `data:image/jpeg;base64,${newImage().bytes.toString('base64')}`;
      assert.equal((await flow.next('out')).payload, dataUrl);
      await flow.deploy(nodes({ mode: 'id', output: 'thumbnail' }));
      flow.send('image', { payload: id });
      assert.deepEqual((await flow.next('out')).payload, Buffer.from([0xff, 0xd8, 0xff]));
      await flow.deploy(nodes({ mode: 'id', output: 'metadata' }));
      flow.send('image', { payload: id });
      const sent = await flow.next<SentImage>('out');
      assert.deepEqual(sent.payload, sent.image);
      assert.equal(sent.image.width, 2304);
    });

    it('tells a catch node once of an image that is gone, and of a payload that names none', async () => {
      await start({ mode: 'id' });
      const { id } = await put();
      await store.delete(id);
      flow.send('image', { payload: id });
      const gone = await flow.next<CaughtMessage>('caught');
      assert.equal(gone.error.code, 'not_found');
      assert.match(gone.error.message, /^There is no image front:/);
      flow.send('image', { payload: 'house:image:front' });
      assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'invalid_request');
      assert.equal(flow.messages.get('caught')?.length, 0);
      assert.equal(flow.messages.get('out')?.length, 0);
    });

    it('sends the latest image of a camera, or says that there is none', async () => {
      await start({ mode: 'latest', camera: 'front' });
      flow.send('image', {});
      assert.equal((await flow.next<CaughtMessage>('caught')).error.message, 'There is no image of front');
      await put();
      const newest = await put();
      const other = await put({ camera: 'garden' });
      flow.send('image', {});
      assert.equal((await flow.next<SentImage>('out')).image.id, newest.id);
      flow.send('image', { camera: 'garden' });
      assert.equal((await flow.next<SentImage>('out')).image.id, other.id);
    });

    it('sends the images of a range from the oldest on, with parts that a join node understands', async () => {
      await start({ mode: 'range', output: 'metadata' });
      const noon = Date.now() - 3_600_000;
      const ids = [];
      for (const minute of [0, 1, 2, 3]) ids.push((await put({ capturedAt: noon + minute * 60_000, ttl: 86_400 })).id);
      flow.send('image', { payload: { from: noon + 60_000, to: new Date(noon + 120_000).toISOString() } });
      const sent = [await flow.next<SentImage>('out'), await flow.next<SentImage>('out')];
      assert.deepEqual(
        sent.map(({ image: { id } }) => id),
        ids.slice(1, 3),
      );
      const id = sent[0]?._msgid;
      assert.deepEqual(
        sent.map(({ parts }) => parts),
        [
          { id, index: 0 },
          { id, index: 1, count: 2 },
        ],
      );
      flow.send('image', { payload: { limit: 1 } });
      assert.equal((await flow.next<SentImage>('out')).image.id, ids[3]);
      flow.send('image', { payload: { from: 'yesterday' } });
      const caught = await flow.next<CaughtMessage>('caught');
      assert.match(caught.error.message, /payload\.from: a time is unix milliseconds, ISO 8601 text or a Date/);
    });

    it('tells with a range how many images there are, and goes on where it ended', async () => {
      await start({ mode: 'range', output: 'metadata', limit: 2 });
      const noon = Date.now() - 60_000;
      const ids: string[] = [];
      for (const lux of [1, 500, 2, 3]) ids.push((await put({ capturedAt: noon + ids.length, lux })).id);
      const range = { camera: 'front', from: noon, lux_max: 10 };
      flow.send('image', { payload: range });
      const first = [await flow.next<SentImage>('out'), await flow.next<SentImage>('out')];
      assert.deepEqual(
        first.map(({ image: { id }, total, next }) => [id, total, next]),
        [ids[2], ids[3]].map((id) => [id, 3, ids[2]]),
      );
      flow.send('image', { payload: { ...range, cursor: first[0]?.next } });
      const last = await flow.next<SentImage>('out');
      assert.deepEqual([last.image.id, last.total, last.next], [ids[0], null, null]);
    });

    it('sends a range as one array where that is chosen, also an empty one', async () => {
      await start({ mode: 'range', output: 'buffer', together: true });
      flow.send('image', { payload: {} });
      const empty = await flow.next<SentImage>('out');
      assert.deepEqual([empty.payload, empty.total, empty.next], [[], 0, null]);
      await put();
      await put();
      flow.send('image', { payload: {} });
      assert.deepEqual((await flow.next('out')).payload, [newImage().bytes, newImage().bytes]);
    });

    it('answers a crowd of messages in their order', async () => {
      await start({ mode: 'id', output: 'metadata' });
      const ids = [];
      for (let number = 0; number < 12; number += 1) ids.push((await put()).id);
      for (const id of ids) flow.send('image', { payload: id });
      const sent = [];
      while (sent.length < ids.length) sent.push((await flow.next<SentImage>('out')).image.id);
      assert.deepEqual(sent, ids);
    });

    it('tells a catch node that Redis is away', async () => {
      const absent = await new TestRedis().start();
      flow = await new TestFlow().start(
        nodes({ mode: 'latest' }).map((node) => (node.id === 'store' ? { ...node, url: absent.url } : node)),
      );
      await flow.status('image', /^ready$/);
      await absent.kill();
      await flow.status('image', /no connection/);
      flow.send('image', {});
      assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'store_unavailable');
      await absent.stop();
    });
  });
});
