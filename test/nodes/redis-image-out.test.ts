import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import sharp from 'sharp';
import { type Announcement, announcementSchema, type ImageMessage, parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { freePort } from '../support/free-port';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { newImage } from '../support/new-image';
import { type CaughtMessage, TestFlow } from '../support/node-red-flow';
import { TestRedis } from '../support/redis-server';

type SentImage = NodeMessage & { image: ImageMessage };

describe('the redis-image-out node', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const listener = new MqttListener();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let flow: TestFlow;
  let jpeg: Buffer;

  const nodes = (settings: object = {}) => [
    { id: 'tab', type: 'tab' },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: `${mosquitto.port}`, protocolVersion: '5' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: '' },
    {
      id: 'image',
      type: 'redis-image-out',
      z: 'tab',
      name: 'doorbell',
      store: 'store',
      camera: 'flow',
      cameraType: 'str',
      ttl: '60',
      lux: 'lux',
      luxType: 'msg',
      meta: 'meta',
      metaType: 'msg',
      broker: '',
      base: 'luxcam',
      wires: [['out']],
      ...settings,
    },
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'catch', type: 'catch', z: 'tab', scope: ['image'], wires: [['caught']] },
    { id: 'caught', type: 'helper', z: 'tab' },
  ];
  const start = async (settings: object = {}) => {
    flow = await new TestFlow().start(nodes(settings));
    await flow.status('image', /^(ready|announcements wait for the broker)$/);
  };
  const storeOne = async (message: NodeMessage = {}) => {
    flow.send('image', { payload: jpeg, ...message });
    return (await flow.next<SentImage>('out')).image;
  };

  before(async () => {
    await Promise.all([redis.start(), mosquitto.start()]);
    await listener.start(mosquitto.url);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: false });
    jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#864' } })
      .jpeg()
      .toBuffer();
  });
  after(async () => {
    await Promise.all([connection.stop(), listener.stop()]);
    await Promise.all([redis.stop(), mosquitto.stop()]);
  });
  beforeEach(async () => {
    await connection.client.flushAll();
  });
  afterEach(() => flow.stop());

  it('stores the bytes as an image with all that is known of them, and passes the message on', async () => {
    await start();
    flow.send('image', { payload: jpeg, kept: 1, lux: 12.5, meta: { weather: 'fog' } });
    const sent = await flow.next<SentImage>('out');
    assert.equal(sent.kept, 1);
    assert.deepEqual(sent.payload, jpeg);
    const found = await store.get(sent.image.id);
    assert.deepEqual(found?.bytes, jpeg);
    const { camera, ttl, lux, trigger, triggerSource, meta, width, height, mimeType } = found?.image ?? {};
    assert.deepEqual(
      { camera, ttl, lux, trigger, triggerSource, meta, width, height, mimeType },
      {
        camera: 'flow',
        ttl: 60,
        lux: 12.5,
        trigger: 'node',
        triggerSource: 'doorbell',
        meta: { weather: 'fog' },
        width: 640,
        height: 360,
        mimeType: 'image/jpeg',
      },
    );
    const thumbnail = await store.thumbnail(sent.image.id);
    assert.equal((await sharp(thumbnail?.thumbnail ?? Buffer.alloc(0)).metadata()).width, 320);
    const left = await connection.client.pTTL(sent.image.key);
    assert.ok(left > 50_000 && left <= 60_000);
    await flow.status('image', /^flow, just now$/);
  });

  it('lets the message name camera and time to live, and gives images of one moment ids of their own', async () => {
    await start();
    for (let number = 0; number < 5; number += 1) flow.send('image', { payload: jpeg, camera: 'door', ttl: 90 });
    const ids = new Set();
    for (let number = 0; number < 5; number += 1) {
      const { id, ttl } = (await flow.next<SentImage>('out')).image;
      assert.equal(ttl, 90);
      ids.add(id);
    }
    assert.equal(ids.size, 5);
    assert.equal((await store.list({ cameras: ['door'], limit: 10 })).images.length, 5);
  });

  it('stores what it has in hand when the flow is deployed', async () => {
    await start();
    await flow.status('image', /^ready$/);
    for (let number = 0; number < 5; number += 1) flow.send('image', { payload: jpeg });
    await flow.status('image', /^storing$/);
    await flow.deploy(nodes({ name: 'deployed' }), 'full');
    assert.equal((await store.list({ limit: 10 })).images.length, 5);
    assert.equal(flow.messages.get('caught')?.length, 0);
  });

  it('takes the time to live from where the node says, and stores nothing where none is said', async () => {
    await start({ ttl: 'keep', ttlType: 'msg' });
    flow.send('image', { payload: jpeg, keep: '7' });
    assert.equal((await flow.next<SentImage>('out')).image.ttl, 7);
    flow.send('image', { payload: jpeg });
    const { error } = await flow.next<CaughtMessage>('caught');
    assert.deepEqual([error.code, /how long/i.test(error.message)], ['invalid_request', true]);
  });

  it('refuses what is no image, no Buffer, or no camera name, and stores nothing then', async () => {
    await start();
    for (const message of [
      { payload: Buffer.from('<html>404</html>') },
      { payload: jpeg.subarray(0, jpeg.length - 200) },
      { payload: jpeg.toString('base64') },
      { payload: jpeg, camera: 'Front Door' },
      { payload: jpeg, lux: 'bright' },
      { payload: jpeg, meta: 'fog' },
    ]) {
      flow.send('image', message);
      assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'invalid_request');
    }
    assert.equal(await connection.client.dbSize(), 0);
    assert.equal(flow.messages.get('out')?.length, 0);
  });

  it('adds to the meta of the image that a message names, and keeps the rest of both', async () => {
    const { id } = await store.put(newImage({ meta: { gain: 1 } }));
    await start({ mode: 'meta' });
    flow.send('image', { payload: { id: 'of a service' }, image: { id }, meta: { seen: 'cat' } });
    const sent = await flow.next<SentImage>('out');
    assert.deepEqual(sent.payload, { id: 'of a service' });
    assert.deepEqual(sent.image.meta, { gain: 1, seen: 'cat' });
    flow.send('image', { payload: { event: 'captured', id }, meta: { sure: 0.9 } });
    await flow.next('out');
    const found = await store.get(id);
    assert.deepEqual(found?.image.meta, { gain: 1, seen: 'cat', sure: 0.9 });
    assert.deepEqual(found?.bytes, newImage().bytes);
  });

  it('says why it adds nothing: no image, no meta, too much of it, or an image that is gone', async () => {
    const { id } = await store.put(newImage());
    await start({ mode: 'meta' });
    const code = async (message: NodeMessage) => {
      flow.send('image', message);
      return (await flow.next<CaughtMessage>('caught')).error.code;
    };
    assert.equal(await code({ payload: jpeg, meta: { seen: 'cat' } }), 'invalid_request');
    assert.equal(await code({ payload: id }), 'invalid_request');
    assert.equal(await code({ payload: id, meta: ['cat'] }), 'invalid_request');
    assert.equal(await code({ payload: id, meta: { text: 'x'.repeat(20_000) } }), 'invalid_request');
    assert.equal(await code({ payload: 'front:1', meta: { seen: 'cat' } }), 'not_found');
    assert.deepEqual((await store.describe(id))?.meta, {});
  });

  it('tells of an image without a broker only in the feed of Redis', async () => {
    await start();
    await storeOne();
    assert.equal(await connection.client.xLen('events'), 1);
    assert.deepEqual(await connection.client.keys('outbox:*'), []);
  });

  it('announces over MQTT where a broker is chosen, and leaves the last one and its thumbnail there', async () => {
    await start({ broker: 'broker', camera: 'porch' });
    const image = await storeOne();
    const announced = await listener.announcement('porch');
    assert.equal(announced.event, 'captured');
    assert.equal('id' in announced && announced.id, image.id);
    const thumbnail = await listener.message(({ topic }) => topic === 'luxcam/porch/thumbnail');
    assert.equal((await sharp(thumbnail.payload).metadata()).width, 320);
    // Who subscribes later gets what is retained.
    const late = await new MqttListener().start(mosquitto.url, 'luxcam/porch/#');
    const latest = await late.message(({ topic }) => topic === 'luxcam/porch/latest');
    assert.deepEqual(parseJson<Announcement>(announcementSchema, latest.payload.toString()), announced);
    const expiry = latest.packet.properties?.messageExpiryInterval ?? 0;
    assert.ok(expiry > 50 && expiry <= 60);
    assert.ok(await late.message(({ topic }) => topic === 'luxcam/porch/thumbnail'));
    await late.stop();
    while ((await connection.client.xLen('outbox:node-red-image')) > 0) await new Promise(setImmediate);
  });

  it('announces later what it stored while the broker was away, also over a restart of the flow', async () => {
    const settings = { broker: 'broker', camera: 'shed' };
    const port = await freePort();
    const brokerAway = nodes(settings).map((node) => (node.id === 'broker' ? { ...node, port: `${port}` } : node));
    flow = await new TestFlow().start(brokerAway);
    await flow.status('image', /^announcements wait for the broker$/);
    const first = await storeOne();
    const second = await storeOne();
    await flow.stop();
    await start(settings);
    await listener.message(({ topic, payload }) => topic === 'luxcam/shed/event' && payload.includes(second.id));
    const ids = listener.announcements('shed').map((announcement) => 'id' in announcement && announcement.id);
    assert.deepEqual(ids, [first.id, second.id]);
  });

  it('announces again when the broker is back', async () => {
    await start({ broker: 'broker', camera: 'barn' });
    await flow.status('image', /^ready$/);
    await mosquitto.kill();
    await flow.status('image', /^announcements wait for the broker$/);
    const stored = await storeOne();
    await mosquitto.resume();
    await flow.status('image', /^barn, /);
    // The retained announcement reaches the listener whichever of the two connects first.
    await listener.message(({ topic, payload }) => topic === 'luxcam/barn/latest' && payload.includes(stored.id));
  });

  it('tells a catch node that Redis is away, and stores again when it is back', async () => {
    await start();
    await redis.kill();
    await flow.status('image', /no connection to Redis/);
    flow.send('image', { payload: jpeg });
    assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'store_unavailable');
    await redis.resume();
    await flow.status('image', /^ready$/);
    await storeOne();
  });
});
