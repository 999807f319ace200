import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { type FlowNode, readExample } from '../support/example-flow';
import { runningLuxcam } from '../support/luxcam-command';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { newImage } from '../support/new-image';
import { DashboardVisitor } from '../support/node-red-dashboard';
import { NodeRedProcess } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';
import type { ServerProcess } from '../support/server-process';

describe('the examples of what luxcam is good for, in a real Node-RED with an agent', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const nodeRed = new NodeRedProcess();
  const mqtt = new MqttListener();
  let folder: string;
  let agent: ServerProcess;
  let connection: RedisConnection;
  let store: RedisImageStore;

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-examples-'));
    await Promise.all([redis.start(), mosquitto.start()]);
    const configuration = path.join(folder, 'luxcam.yaml');
    const settings = {
      agent: { name: 'pi1', spool: { path: path.join(folder, 'spool') } },
      redis: { url: `unix://${redis.socket}` },
      mqtt: { url: mosquitto.url },
      cameras: { front: { source: { type: 'simulated', width: 320, height: 180 } } },
    };
    await writeFile(configuration, JSON.stringify(settings));
    agent = runningLuxcam(['agent', '--config', configuration]);
    await Promise.all([nodeRed.start(), mqtt.start(mosquitto.url), agent.printed(/broker connected/)]);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    await Promise.all([nodeRed.stop(), agent?.stop(), connection?.stop(), mqtt.stop()]);
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Imports and deploys an example, with what a reader changes in it. Returns where its part of the log begins. */
  async function deploy(name: string, change: (node: FlowNode) => FlowNode = (node) => node): Promise<number> {
    await nodeRed.deploy([]);
    const since = nodeRed.log.length;
    const place = { redis: redis.url, mqttPort: mosquitto.port, nodeRed: nodeRed.url };
    await nodeRed.deploy(readExample(name, place).map(change));
    await nodeRed.logged(/Connected to Redis/, since);
    return since;
  }

  const press = (id: string) => nodeRed.admin(`inject/${id}`, 'POST', {});

  /** Resolves when so many nodes wait for what happens in Redis: what is stored from then on reaches them. */
  async function following(nodes = 1): Promise<void> {
    // The agent reads its outbox in the same way, but through the socket.
    const waits = (client: string) => client.includes('addr=127.0.0.1') && client.includes('cmd=xread');
    const clients = async () => `${await connection.client.sendCommand(['CLIENT', 'LIST'])}`.split('\n');
    while ((await clients()).filter(waits).length < nodes) await new Promise(setImmediate);
  }

  it('sends the picture that motion has started to the notification service, and the newest when tried', async () => {
    const since = await deploy('motion to a notification with the picture');
    await following();
    await store.put(newImage({ camera: 'gate', trigger: 'timer' }));
    const bytes = Buffer.concat([newImage().bytes, Buffer.alloc(1000)]);
    await store.put(newImage({ camera: 'yard', trigger: 'motion', bytes }));
    await nodeRed.logged(/Motion: yard, 1008 bytes/, since);
    const log = nodeRed.log.length;
    await press('luxcam-notify-try');
    await nodeRed.logged(/Motion: yard, 1008 bytes/, log);
    assert.doesNotMatch(nodeRed.log.slice(since), /Motion: gate|\[error\]/);
  });

  it('takes three pictures when the doorbell rings, and gives them out together', async () => {
    // Retained, so that it does not matter when Node-RED begins to listen.
    await mqtt.client.publishAsync('zigbee2mqtt/doorbell/action', 'single', { retain: true, qos: 1 });
    const since = await deploy('doorbell button with a burst');
    await nodeRed.logged(/The three pictures\]\s+\[(\s*<Buffer ff d8 [^>]*>,?){3}\s*\]/, since);
    const { images } = await store.list({ cameras: ['front'], limit: 10 });
    assert.deepEqual(
      images.map(({ trigger, ttl }) => [trigger, ttl]),
      [1, 2, 3].map(() => ['command', 604_800]),
    );
    await following();
    const { id } = await store.put(newImage({ camera: 'hall', trigger: 'button' }));
    await nodeRed.logged(new RegExp(`What was taken\\][^\\]]*id: '${id}'`), since);
  });

  it("saves a day's pictures as numbered files, the oldest first, and makes a film of them", async () => {
    const day = await Promise.all(
      ['red', 'green', 'blue', 'white'].map((background) =>
        sharp({ create: { width: 65, height: 36, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
    for (const [index, bytes] of day.entries()) {
      // The first one is older than a day.
      const capturedAt = Date.now() - (index === 0 ? 25 : 10 - index) * 3_600_000;
      await store.put(newImage({ camera: 'garden', bytes, capturedAt, ttl: 172_800 }));
    }
    const lapse = path.join(folder, 'time lapse');
    const env = [{ name: 'FOLDER', value: lapse, type: 'str' }];
    const since = await deploy('garden time-lapse', (node) => (node.type === 'tab' ? { ...node, env } : node));
    await press('luxcam-lapse-now');
    await nodeRed.logged(/How it ended\]\s+\{ code: 0 \}/, since);
    const [run = ''] = await readdir(lapse);
    assert.deepEqual((await readdir(path.join(lapse, run))).sort(), [
      '0001.jpg',
      '0002.jpg',
      '0003.jpg',
      'time-lapse.mp4',
    ]);
    const saved = await Promise.all([1, 2, 3].map((number) => readFile(path.join(lapse, run, `000${number}.jpg`))));
    assert.deepEqual(saved, day.slice(1));
  });

  it('finds pictures by their light, and tells those taken in the dark', async () => {
    await connection.client.sendCommand(['FLUSHALL']);
    for (const [index, lux] of [2.5, 120, 5000, undefined].entries())
      await store.put(newImage({ camera: 'lane', lux, capturedAt: Date.now() - index * 1000 }));
    const since = await deploy('night pictures by lux range');
    for (const [button, lux] of [
      ['dark', 2.5],
      ['dusk', 120],
      ['day', 5000],
    ]) {
      await press(`luxcam-night-${button}`);
      await nodeRed.logged(new RegExp(`lux: ${lux},`), since);
    }
    await following();
    for (const lux of [300, undefined, 4]) await store.put(newImage({ camera: 'lane', lux }));
    await nodeRed.logged(/lux: 4,/, since);
    const shown = [...nodeRed.log.slice(since).matchAll(/lux: ([\d.]+|null)/g)].map(([, lux]) => lux);
    assert.deepEqual(shown, ['2.5', '120', '5000', '4']);
  });

  it('stores the pictures of a network camera, and says so when what it gives is none', async () => {
    const name = 'any network camera into Redis';
    let since = await deploy(name);
    await press('luxcam-ipcam-once');
    await nodeRed.logged(/camera: 'porch'.*mime_type: 'image\/png'/s, since);

    const jpeg = await sharp({ create: { width: 64, height: 36, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    let answer: RequestListener = (_request, response) => response.end(jpeg);
    const camera = createServer((request, response) => answer(request, response));
    await once(camera.listen(0, '127.0.0.1'), 'listening');
    const address = camera.address();
    if (address === null || typeof address === 'string') throw new Error('the camera has no port');
    const url = `http://127.0.0.1:${address.port}/snapshot.jpg`;
    since = await deploy(name, (node) => (node.type === 'http request' ? { ...node, url } : node));
    await press('luxcam-ipcam-once');
    await nodeRed.logged(/mime_type: 'image\/jpeg'/, since);
    const [image] = (await store.list({ cameras: ['porch'], limit: 1 })).images;
    assert.deepEqual((await store.get(image?.id ?? ''))?.bytes, jpeg);
    answer = (_request, response) => response.end('<html>Please sign in</html>');
    await press('luxcam-ipcam-once');
    await nodeRed.logged(/The error and its code\].*luxcam takes JPEG, PNG/s, since);
    camera.close();
  });

  it('keeps what a service has seen on a picture with the picture', async () => {
    const since = await deploy('classify a picture and write the result into meta');
    await following();
    const { id } = await store.put(newImage({ camera: 'barn', meta: { gain: '2' } }));
    await nodeRed.logged(/seen: 'cat'/, since);
    assert.deepEqual((await store.describe(id))?.meta, { gain: '2', seen: 'cat', certainty: 0.9 });
  });

  it('opens what motion and the button have taken on the wall tablet', async () => {
    await deploy('wall tablet dashboard (needs Dashboard 2)');
    const visitor = await new DashboardVisitor(nodeRed).start();
    await visitor.event('ui-config');
    await following(2);
    const { id } = await store.put(newImage({ camera: 'shed', trigger: 'motion' }));
    assert.equal(await opened(visitor), id);
    await visitor.emit('widget-action', 'luxcam-wall-button', {});
    assert.match(await opened(visitor), /^front:\d+$/);
  });

  /** The id of the next image that a flow opens on the dashboard. */
  async function opened(visitor: DashboardVisitor): Promise<string> {
    const schema = z.object({ payload: z.object({ luxcam: z.object({ data: z.object({ open: z.string() }) }) }) });
    for (;;) {
      const [, message] = await visitor.event('msg-input:luxcam-wall-gallery');
      const read = schema.safeParse(message);
      if (read.success) return read.data.payload.luxcam.data.open;
    }
  }
});
