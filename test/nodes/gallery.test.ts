import assert from 'node:assert/strict';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { TestMosquitto } from '../support/mosquitto';
import { newImage } from '../support/new-image';
import { PlayedAgent } from '../support/node-red-agent';
import { type CaughtMessage, TestFlow } from '../support/node-red-flow';
import { TestRedis } from '../support/redis-server';

describe('the gallery node', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const agent = new PlayedAgent();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let flow: TestFlow;

  const gallery = (settings: object = {}) => ({
    id: 'gallery',
    type: 'luxcam-gallery',
    z: 'tab',
    name: '',
    store: 'store',
    path: 'luxcam',
    broker: '',
    base: 'luxcam',
    allowCapture: false,
    allowPin: false,
    allowDelete: false,
    group: '',
    camera: '',
    ...settings,
  });
  const nodes = (...galleries: object[]) => [
    { id: 'tab', type: 'tab' },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: `${mosquitto.port}`, protocolVersion: '5' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: '' },
    ...galleries,
  ];
  const start = async (settings: object = {}, nodeRed: object = {}) => {
    flow = await new TestFlow().start(nodes(gallery(settings)), { settings: nodeRed });
    await flow.status('gallery', /^page at/);
    return flow.serveHttp();
  };
  const ask = (url: string, method = 'GET') =>
    fetch(url, { method, ...(method !== 'GET' && { headers: { 'content-type': 'application/json' } }) });

  before(async () => {
    await Promise.all([redis.start(), mosquitto.start()]);
    await agent.start(mosquitto.url);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    await Promise.all([connection.stop(), agent.stop()]);
    await Promise.all([redis.stop(), mosquitto.stop()]);
  });
  afterEach(() => flow.stop());

  it('takes its camera from an environment variable, and says so where that names none', async () => {
    const camera = { camera: 'LUXCAM_TEST_CAMERA', cameraType: 'env' };
    process.env.LUXCAM_TEST_CAMERA = 'Front Door';
    flow = await new TestFlow().start(nodes(gallery(camera)));
    await flow.status('gallery', /camera: a camera name is 1 to 64 of/);
    await flow.stop();
    process.env.LUXCAM_TEST_CAMERA = 'front';
    await start(camera);
    delete process.env.LUXCAM_TEST_CAMERA;
  });

  it('serves the images under its path, and says where in its status', async () => {
    const url = await start({ path: '/pictures/home/' });
    await flow.status('gallery', /^page at \/pictures\/home\/$/);
    const { id } = await store.put(newImage());
    const response = await ask(`${url}/pictures/home/images/${id}`);
    assert.equal(response.status, 200);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), newImage().bytes);
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 404);
  });

  it('lets people keep, delete and capture only where the owner allows it', async () => {
    const { id } = await store.put(newImage());
    const url = await start();
    assert.equal((await ask(`${url}/luxcam/api/images/${id}/pin`, 'POST')).status, 403);
    assert.equal((await ask(`${url}/luxcam/api/images/${id}`, 'DELETE')).status, 403);
    assert.equal((await ask(`${url}/luxcam/api/cameras/front/capture`, 'POST')).status, 403);
    await flow.deploy(nodes(gallery({ allowPin: true, allowDelete: true })));
    await flow.status('gallery', /^page at/);
    assert.equal((await ask(`${url}/luxcam/api/images/${id}/pin`, 'POST')).status, 200);
    assert.equal((await ask(`${url}/luxcam/api/images/${id}`, 'DELETE')).status, 204);
    assert.equal(await store.describe(id), null);
  });

  it('asks the agent for a picture over the broker', async () => {
    const url = await start({ allowCapture: true, broker: 'broker' });
    for (let known = false; !known; ) {
      const { cameras } = JSON.parse(await (await ask(`${url}/luxcam/api/cameras`)).text());
      known = cameras.some(
        (camera: { camera: string; available: boolean }) => camera.camera === 'front' && camera.available,
      );
    }
    const response = await ask(`${url}/luxcam/api/cameras/front/capture`, 'POST');
    assert.equal(response.status, 202);
    const { command, message } = await agent.command();
    assert.deepEqual(await response.json(), { transaction: command.transaction });
    assert.ok((message.packet.properties?.messageExpiryInterval ?? 99) <= 10);
  });

  it('passes every request through the middleware of the http nodes and of the dashboard', async () => {
    const passed: string[] = [];
    const note =
      (name: string) =>
      (request: { url: string }, response: { status(code: number): { end(): void } }, next: () => void) => {
        passed.push(name);
        if (request.url.includes('forbidden')) response.status(418).end();
        else next();
      };
    const url = await start({}, { httpNodeMiddleware: note('http'), dashboard: { middleware: [note('dashboard')] } });
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 200);
    assert.deepEqual(passed, ['http', 'dashboard']);
    assert.equal((await ask(`${url}/luxcam/api/cameras?forbidden`)).status, 418);
  });

  it('refuses a path that another gallery has, and serves it when that one is gone', async () => {
    flow = await new TestFlow().start(nodes(gallery(), gallery({ id: 'second' })));
    await flow.status('second', /^another gallery is at the path luxcam$/);
    const url = await flow.serveHttp();
    await flow.deploy(nodes(gallery({ id: 'second', name: 'renamed' })));
    await flow.status('second', /^page at \/luxcam\/$/);
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 200);
  });

  it('answers 503 while no gallery is deployed, and comes back with the next deploy', async () => {
    const url = await start();
    await flow.deploy(nodes());
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 503);
    await flow.deploy(nodes(gallery()));
    await flow.status('gallery', /^page at/);
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 200);
  });

  it('works without Dashboard 2, and says that it is missing', async () => {
    const url = await start({ group: 'a group of a flow from elsewhere' });
    await flow.status('gallery', /^page at \/luxcam\/; no Dashboard 2, or its group is gone$/);
    assert.equal((await ask(`${url}/luxcam/api/cameras`)).status, 200);
  });

  it('tells a catch node of a message that it can show nowhere', async () => {
    const caught = { id: 'caught', type: 'helper', z: 'tab' };
    const around = [{ id: 'catch', type: 'catch', z: 'tab', scope: ['gallery'], wires: [['caught']] }, caught];
    flow = await new TestFlow().start(nodes(gallery(), ...around));
    await flow.status('gallery', /^page at/);
    flow.send('gallery', { payload: { camera: 'front' } });
    const { error } = await flow.next<CaughtMessage>('caught');
    assert.deepEqual([error.code, /on no dashboard/.test(error.message)], ['invalid_request', true]);
  });

  it('removes index entries of images that are gone', async () => {
    const { id, key } = await store.put(newImage({ camera: 'attic' }));
    await connection.client.unlink(key);
    await start();
    while ((await connection.client.zScore('images:attic', id)) !== null) await new Promise(setImmediate);
  });

  it('says in its status what is wrong with its settings', async () => {
    flow = await new TestFlow().start(nodes(gallery({ path: '../admin' }), gallery({ id: 'storeless', store: '' })));
    await flow.status('gallery', /a path is made of letters/);
    await flow.status('storeless', /choose an image store/);
  });
});
