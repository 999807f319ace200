import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import type { Camera, Frame } from '../../agent/cameras/camera';
import { CaptureService } from '../../agent/capture-service';
import { ImageKeeper } from '../../agent/image-keeper';
import { Spool } from '../../agent/spool';
import type { Announcement } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { TestLog } from '../support/log';
import { TestRedis } from '../support/redis-server';

/** A camera that takes a picture, or, while it hangs, takes notice of nothing until it has been stopped and started. */
class StubbornCamera implements Camera {
  hangs = false;
  starts = 0;
  readonly stops: number[] = [];

  constructor(private readonly jpeg: Buffer) {}

  async start(): Promise<void> {
    this.starts += 1;
  }

  capture(): Promise<Frame> {
    if (this.hangs) return new Promise(() => undefined);
    return Promise.resolve({ jpeg: this.jpeg, capturedAt: Date.now(), metadata: {} });
  }

  async stop(): Promise<void> {
    this.stops.push(this.starts);
    this.hangs = false;
  }
}

describe('the capture service', () => {
  const redis = new TestRedis();
  const { log } = new TestLog();
  let folder: string;
  let jpeg: Buffer;
  let connection: RedisConnection;
  let store: RedisImageStore;
  let services: CaptureService[] = [];

  async function started(name: string, camera: Camera): Promise<CaptureService> {
    const spool = new Spool(name, { path: folder, maxSize: 1024 * 1024 }, log);
    const keeper = new ImageKeeper({ store, spool, log, onChange: () => undefined });
    await keeper.start();
    const service = new CaptureService({
      ...{ name, agent: 'pi1', camera, store, keeper, log, onChange: () => undefined },
      announcer: { publishDirectly: async () => undefined },
      settings: { ttl: 60, timeout: 50 },
    });
    service.start();
    services.push(service);
    return service;
  }

  function answer(service: CaptureService): Promise<Announcement> {
    return new Promise((onAnswer) => {
      service.request({
        ...{ trigger: 'command', triggerSource: 'test', transaction: null, burst: 1, meta: {} },
        onAnswer,
      });
    });
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-service-test-'));
    jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });

  afterEach(async () => {
    await Promise.all(services.map((service) => service.stop()));
    services = [];
  });

  after(async () => {
    await connection.stop();
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  it('starts a camera again that goes on after its time is over, and meanwhile another one is served', async () => {
    const camera = new StubbornCamera(jpeg);
    const [front, roof] = [await started('front', camera), await started('roof', new StubbornCamera(jpeg))];
    camera.hangs = true;
    const [lost, next] = [answer(front), answer(front)];
    for (let count = 0; count < 3; count += 1) assert.equal((await answer(roof)).event, 'captured');
    assert.deepEqual([camera.starts, camera.stops], [1, []], 'the other one did not wait for it');

    const failed = await lost;
    assert.equal(failed.event === 'failed' && failed.error.code, 'camera_timeout');
    assert.equal((await next).event, 'captured');
    assert.deepEqual([camera.starts, camera.stops], [2, [1]]);
    assert.equal(front.available, true);
  });

  it("counts a timer's pictures as missed that a failed one has kept back, not those that a slow one has", async () => {
    const camera = new StubbornCamera(jpeg);
    const front = await started('front', camera);
    /** One picture, and five that a timer asks for meanwhile. */
    const pictures = async () => {
      // What was before has been answered, and is over then.
      await setImmediate();
      const first = answer(front);
      for (let count = 0; count < 5; count += 1)
        front.request({ trigger: 'timer', triggerSource: 'timer', transaction: null, burst: 1, meta: {} });
      return (await first).event;
    };
    assert.equal((await answer(front)).event, 'captured');
    assert.equal(await pictures(), 'captured');
    assert.equal(front.missed, 0);
    camera.hangs = true;
    assert.equal(await pictures(), 'failed');
    assert.equal(front.missed, 5);
    assert.equal((await answer(front)).event, 'captured');
    assert.equal(front.missed, 0);
  });

  it('stops though its camera does not', async () => {
    const camera = new StubbornCamera(jpeg);
    const front = await started('front', camera);
    await answer(front);
    camera.stop = () => new Promise(() => undefined);
    await front.stop();
    services = [];
  });
});
