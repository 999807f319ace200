import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { Agent } from '../../../agent/agent';
import { parseConfiguration } from '../../../agent/config';
import { readImage } from '../../../core/image-format';
import type { LiveFrame } from '../../../core/live-frame';
import { LiveFrameReader } from '../../../core/live-frame-reader';
import { liveCameras } from '../../../core/live-offers';
import { RedisConnection } from '../../../core/redis-connection';
import { RedisImageStore } from '../../../core/redis-image-store';
import { TestLog } from '../../support/log';
import { TestMosquitto } from '../../support/mosquitto';
import { MqttListener } from '../../support/mqtt-listener';
import { TestRedis } from '../../support/redis-server';

describe('the agent, looked at live', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;
  let spool: string;
  let connection: RedisConnection;
  let listener: MqttListener;
  let agent: Agent | undefined;
  let kept: TestLog;
  let stop: AbortController;

  async function run(cameras: object): Promise<void> {
    const text = JSON.stringify({
      agent: { name: 'pi1', spool: { path: spool } },
      redis: { url: redis.url },
      mqtt: { url: mosquitto.url },
      cameras,
    });
    kept = new TestLog();
    agent = new Agent(parseConfiguration(text, 'luxcam.yaml'), kept.log);
    await agent.start();
    await kept.written('broker connected');
    await kept.written('camera started', Object.keys(cameras).length);
  }

  const pictures = (camera: object = {}) => ({ source: { type: 'folder', path: folder }, ...camera });
  const look = (camera: string) => new LiveFrameReader(connection, camera).frames(stop.signal);
  const next = async (frames: AsyncGenerator<LiveFrame>): Promise<LiveFrame> => {
    const { value } = await frames.next();
    return value ?? assert.fail('the frames have ended');
  };
  /** Takes a picture over MQTT and resolves with the name of the file it was. */
  const capture = async (transaction: string, camera = 'front') => {
    await listener.client.publishAsync(`luxcam/${camera}/capture`, JSON.stringify({ transaction }), { qos: 1 });
    const said = await listener.announcement(camera, (one) => 'transaction' in one && one.transaction === transaction);
    return said.event === 'captured' ? said.meta.file : assert.fail(JSON.stringify(said));
  };
  const lines = (text: string) => kept.lines.filter((line) => line.includes(text)).length;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-live-'));
    for (const [name, colour] of Object.entries({ a: 'red', b: 'green', c: 'blue' })) {
      const picture = sharp({ create: { width: 800, height: 450, channels: 3, background: colour } });
      await writeFile(path.join(folder, `${name}.jpg`), await picture.jpeg().toBuffer());
    }
    await Promise.all([redis.start(), mosquitto.start()]);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
  });
  after(async () => {
    await connection.stop();
    await Promise.all([redis.stop(), mosquitto.stop(), rm(folder, { recursive: true })]);
  });
  beforeEach(async () => {
    await connection.client.flushAll();
    spool = await mkdtemp(path.join(tmpdir(), 'luxcam-spool-'));
    listener = await new MqttListener().start(mosquitto.url);
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await agent?.stop();
    agent = undefined;
    await listener.stop();
    await rm(spool, { recursive: true });
  });

  it('sends frames of the camera that somebody looks at, scaled, and none of the others', async () => {
    await run({ front: pictures({ live: { fps: 20, width: 320 } }), garden: pictures({ live: {} }) });
    const frames = look('front');
    const first = await next(frames);
    assert.deepEqual(readImage(first.jpeg), { mimeType: 'image/jpeg', width: 320, height: 180 });
    assert.ok(Math.abs(Date.now() - first.capturedAt) < 60_000, `taken at ${first.capturedAt}`);
    assert.equal((await next(frames)).number, first.number + 1);
    // For as long as an agent that does not ask first would need to send some of the other camera, too.
    for (let count = 0; count < 50; count += 1) await next(frames);
    assert.equal(await connection.client.exists('live:garden'), 0);
  });

  it('stops sending when nobody looks any more, and says so in one line each', async () => {
    await run({ front: pictures({ live: { fps: 20 } }) });
    const frames = look('front');
    for (let count = 0; count < 5; count += 1) await next(frames);
    stop.abort();
    // Instead of waiting for its expiry.
    await connection.client.del('watched:front');
    await kept.written('live frames end');
    assert.deepEqual([lines('live frames begin'), lines('live frames end')], [1, 1]);
  });

  it('takes captures meanwhile, misses no picture, and makes no image of a frame', async () => {
    await run({ front: pictures({ live: { fps: 50, width: 64 } }) });
    const frames = look('front');
    await next(frames);
    const files = [];
    for (const transaction of ['1', '2', '3', '4']) {
      files.push(await capture(transaction));
      await next(frames);
    }
    assert.deepEqual(files, ['a.jpg', 'b.jpg', 'c.jpg', 'a.jpg']);
    const store = new RedisImageStore({ connection, ownsCameras: false });
    assert.equal((await store.list({ limit: 50 })).images.length, 4);
  });

  it('tells in Redis which of its cameras are live, also after Redis has come back empty', async () => {
    const live = () => liveCameras(connection, ['attic', 'front', 'garden']);
    await connection.client.hSet('live', { garden: '{}', attic: '{}' });
    await run({ front: pictures({ live: {} }), garden: pictures() });
    await next(look('front'));
    assert.deepEqual(await live(), new Set(['front', 'attic']));
    assert.equal(await connection.client.hGet('live', 'front'), '{"fps":10,"width":640}');
    await redis.kill();
    await redis.resume();
    await kept.written('Redis connected', 2);
    await connection.ready();
    await next(look('front'));
    assert.deepEqual(await live(), new Set(['front']));
  });

  describe('with a camera that takes one picture at a time', () => {
    let camera: Server;
    let answers: (() => void)[];
    let picture: Buffer;
    let url: string;
    let status: number;
    /** Requests that were broken off, by their place among all. */
    let brokenOff: number[];

    beforeEach(async () => {
      answers = [];
      brokenOff = [];
      status = 200;
      picture = await sharp({ create: { width: 160, height: 90, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer();
      camera = createServer((_request, response) => {
        const place = answers.length;
        response.on('close', () => !response.writableFinished && brokenOff.push(place));
        answers.push(() => response.writeHead(status).end(picture));
        camera.emit('asked', place);
      }).listen(0, '127.0.0.1');
      await once(camera, 'listening');
      const address = camera.address();
      url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    });
    afterEach(() => {
      camera.closeAllConnections();
      camera.close();
    });

    it('lets a live frame give way to a capture', async () => {
      const asked = once(camera, 'asked');
      await run({ front: { source: { type: 'http', url }, live: { fps: 20 } } });
      const frames = look('front');
      const frame = next(frames);
      await asked;
      // The frame is under way, and is never answered; all that comes later is.
      camera.on('asked', (place: number) => answers[place]?.());
      await capture('now');
      assert.deepEqual(brokenOff, [0]);
      assert.deepEqual((await frame).jpeg, picture);
      assert.deepEqual(
        kept.lines.filter((line) => line.includes('failed')),
        [],
      );
    });

    it('says once that frames fail, goes on as soon as it can, and captures have no part in it', async () => {
      camera.on('asked', (place: number) => answers[place]?.());
      status = 500;
      await run({ front: { source: { type: 'http', url }, live: { fps: 20 } } });
      const frame = next(look('front'));
      while (answers.length < 3) await once(camera, 'asked');
      status = 200;
      await frame;
      assert.equal(lines('a live frame failed, and is tried again: camera front'), 1);
      assert.deepEqual(listener.announcements('front'), []);
    });
  });
});
