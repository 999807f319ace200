import assert from 'node:assert/strict';
import { z } from 'zod';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { DashboardVisitor } from '../support/node-red-dashboard';
import { NodeRedProcess } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';

const propertiesSchema = z.looseObject({ luxcam: z.looseObject({ base: z.string() }) });
const toldSchema = z.object({
  payload: z.object({ luxcam: z.object({ event: z.string(), data: z.looseObject({}) }) }),
});
const configSchema = z.object({ widgets: z.record(z.string(), z.object({ props: propertiesSchema })) });

describe('the gallery node behind the socket of Dashboard 2', () => {
  const redis = new TestRedis();
  const nodeRed = new NodeRedProcess();
  let visitor: DashboardVisitor;
  let connection: RedisConnection;
  let store: RedisImageStore;

  const flow = () => [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', url: redis.url, prefix: '', credentials: { password: 'top-secret' } },
    { id: 'base', type: 'ui-base', name: 'Dashboard', path: '/dashboard' },
    { id: 'theme', type: 'ui-theme', name: 'Dark', colors: {}, sizes: {} },
    { id: 'page', type: 'ui-page', ui: 'base', layout: 'grid', theme: 'theme', path: '/cameras', name: 'Cameras' },
    { id: 'group', type: 'ui-group', page: 'page', width: '6', height: '1', name: 'Pictures' },
    {
      id: 'gallery',
      type: 'luxcam-gallery',
      z: 'tab',
      x: 1,
      y: 1,
      store: 'store',
      path: 'pictures/all',
      allowPin: true,
      group: 'group',
      camera: 'front',
      width: '6',
      height: '8',
      order: 1,
      wires: [['log']],
    },
    {
      id: 'feed',
      type: 'inject',
      z: 'tab',
      x: 1,
      y: 2,
      props: [{ p: 'payload' }, { p: 'image', v: '[255,216]', vt: 'bin' }],
      payload: '{"camera":"garden"}',
      payloadType: 'json',
      wires: [['gallery']],
    },
    {
      ...{ id: 'wrong', type: 'inject', z: 'tab', x: 1, y: 4, props: [{ p: 'payload' }], wires: [['gallery']] },
      ...{ payload: '{"camera":"Front Door"}', payloadType: 'json' },
    },
    { id: 'log', type: 'debug', z: 'tab', x: 2, y: 1, active: true, console: true, complete: 'payload', wires: [] },
    { id: 'catch', type: 'catch', z: 'tab', x: 1, y: 3, wires: [['caught']] },
    {
      ...{ id: 'caught', type: 'debug', z: 'tab', x: 2, y: 3, active: true, console: true, wires: [] },
      ...{ complete: '"Caught: " & error.code', targetType: 'jsonata' },
    },
  ];

  /** The next thing of this name that the gallery tells browsers; others are passed over. */
  const told = async (name: string) => {
    for (;;) {
      const [address, message] = await visitor.event('msg-input');
      assert.equal(address, 'msg-input:gallery');
      const { event, data } = toldSchema.parse(message).payload.luxcam;
      if (event === name) return { data, message };
    }
  };

  before(async function () {
    this.timeout(120_000);
    await redis.start(['--requirepass', 'top-secret']);
    connection = new RedisConnection({ url: redis.url, prefix: '', password: 'top-secret' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
    await nodeRed.start();
    await nodeRed.deploy(flow());
    // From then on the gallery tells what happens.
    while (!`${await connection.client.sendCommand(['CLIENT', 'LIST'])}`.includes('cmd=xread'))
      await new Promise(setImmediate);
    visitor = await new DashboardVisitor(nodeRed).start();
  });
  after(async () => {
    await Promise.all([nodeRed.stop(), connection?.stop()]);
    await redis.stop();
  });

  it("tells browsers where the gallery is and what is allowed, and nothing of the node's connections", async () => {
    const [, , config] = await visitor.event('ui-config');
    const { props } = configSchema.parse(config).widgets.gallery ?? {};
    assert.deepEqual(props?.luxcam, {
      base: '../pictures/all',
      camera: 'front',
      actions: { capture: false, pin: true, delete: false },
    });
    const known = ['name', 'group', 'order', 'width', 'height', 'z', 'luxcam', 'passthru'];
    assert.deepEqual(
      Object.keys(props ?? {}).filter(
        (name) => !known.includes(name) && !['enabled', 'visible', 'class'].includes(name),
      ),
      [],
    );
    assert.ok(!visitor.heard.includes('redis://') && !visitor.heard.includes('top-secret'));
  });

  it('tells browsers at once of a new image, without its bytes', async () => {
    const { id } = await store.put(newImage({ lux: 12 }));
    const { data } = await told('captured');
    assert.deepEqual([data.id, data.lux, data.thumbnail_url], [id, 12, `thumbnails/${id}`]);
  });

  it('passes on what a flow asks the gallery to show, and nothing else of the message', async () => {
    await nodeRed.admin('inject/feed', 'POST', {});
    const { message } = await told('filter');
    assert.deepEqual(message, { payload: { luxcam: { event: 'filter', data: { camera: 'garden' } } } });
  });

  it('tells a catch node once of what can not be shown', async () => {
    const since = nodeRed.log.length;
    await nodeRed.admin('inject/wrong', 'POST', {});
    await nodeRed.logged(/Caught: invalid_request/, since);
    await nodeRed.admin('inject/feed', 'POST', {});
    await told('filter');
    assert.equal(nodeRed.log.slice(since).match(/Caught/g)?.length, 1);
  });

  it('sends what a person does there, and refuses what nobody can do', async () => {
    await visitor.emit('widget-action', 'gallery', {
      payload: { action: 'opened', id: 'front:1', camera: 'front' },
      extra: 1,
    });
    await nodeRed.logged(/\{ action: 'opened', id: 'front:1', camera: 'front' \}/);
    await visitor.emit('widget-action', 'gallery', { payload: { action: 'format the disk' } });
    await nodeRed.logged(/\[error\] \[luxcam-gallery:gallery\] payload\.action: Invalid option/);
  });

  it('after a deploy lets browsers look for what nobody told them of meanwhile, and goes on to tell of new images', async () => {
    await nodeRed.deploy(flow().map((node) => (node.id === 'gallery' ? { ...node, name: 'renamed' } : node)));
    await told('reset');
    const { id } = await store.put(newImage());
    assert.equal((await told('captured')).data.id, id);
  });
});
