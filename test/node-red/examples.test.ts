import assert from 'node:assert/strict';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { exampleNames, readExample } from '../support/example-flow';
import { TestMosquitto } from '../support/mosquitto';
import { newImage } from '../support/new-image';
import { NodeRedProcess } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';

const module = '@luxcam/node-red-dashboard-2-luxcam';

describe('the built nodes in a real Node-RED with passwords', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const nodeRed = new NodeRedProcess();
  let connection: RedisConnection;
  let store: RedisImageStore;

  const example = (name: string) =>
    readExample(name, { redis: redis.url, mqttPort: mosquitto.port, nodeRed: nodeRed.url });

  /** Deploys an example, and resolves when it can use Redis. */
  const deployConnected = async (name: string) => {
    const since = nodeRed.log.length;
    await nodeRed.deploy(example(name));
    await nodeRed.logged(/Connected to Redis/, since);
  };

  before(async function () {
    this.timeout(120_000);
    await Promise.all([redis.start(), mosquitto.start()]);
    await nodeRed.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
  });
  after(async () => {
    await Promise.all([nodeRed.stop(), connection?.stop()]);
    await Promise.all([redis.stop(), mosquitto.stop()]);
  });

  it('loads every node type without an error', async () => {
    const schema = z.array(
      z.looseObject({
        module: z.string(),
        types: z.array(z.string()),
        enabled: z.boolean(),
        err: z.string().optional(),
      }),
    );
    const sets = schema.parse(await (await nodeRed.admin('nodes')).json()).filter((set) => set.module === module);
    assert.deepEqual(
      sets.map(({ types, enabled, err }) => ({ types, enabled, err })),
      ['redis-image-store', 'luxcam-capture', 'redis-image-in', 'redis-image-out', 'luxcam-gallery'].map((type) => ({
        types: [type],
        enabled: true,
        err: undefined,
      })),
    );
  });

  it('gives the editor the form, the help and the texts of every node', async () => {
    for (const type of ['redis-image-store', 'luxcam-capture', 'redis-image-in', 'redis-image-out', 'luxcam-gallery']) {
      const name = type.replace('luxcam-', '');
      const page = await (await nodeRed.editorPage(`nodes/${module}/${type}`)).text();
      assert.ok(page.includes(`data-template-name="${type}"`), `${name} has a form`);
      assert.ok(page.includes(`data-help-name="${type}"`), `${name} has a help text`);
      const texts = parseJson(
        z.record(z.string(), z.unknown()),
        await (await nodeRed.admin(`locales/${module}/${type}?lng=en-US`)).text(),
      );
      assert.ok('label' in texts, `${name} has texts`);
    }
  });

  for (const name of exampleNames)
    it(`runs the example ${name}`, async () => {
      const offered = await nodeRed.admin(`library/examples/flows/${module}/${name}`);
      assert.equal(offered.status, 200, 'the Import menu offers it');
      const before = nodeRed.log.length;
      await nodeRed.deploy(example(name));
      await nodeRed.logged(/Connected to Redis|Connected to broker/, before);
      assert.doesNotMatch(nodeRed.log.slice(before), /\[error\]/);
    });

  it('stores the picture of the redis-image-out example when its button is pressed', async () => {
    await deployConnected('redis-image-out');
    const events = store.events('0-0', AbortSignal.timeout(20_000));
    await nodeRed.admin('inject/luxcam-out-press', 'POST', {});
    const { value: entry } = await events.next();
    assert.equal(entry?.type === 'announcement' && entry.announcement.event, 'captured');
    const [image] = (await store.list({ cameras: ['flow'], limit: 1 })).images;
    assert.deepEqual([image?.mimeType, image?.width, image?.ttl], ['image/png', 64, 60]);
    await events.return(undefined);
  });

  it('serves the gallery of the example behind the password of the http nodes', async () => {
    await deployConnected('gallery');
    const { id } = await store.put(newImage());
    assert.equal((await fetch(`${nodeRed.url}/luxcam/`)).status, 401);
    assert.equal((await fetch(`${nodeRed.url}/luxcam/images/${id}`)).status, 401);
    const page = await nodeRed.visit('luxcam/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
    assert.deepEqual(Buffer.from(await (await nodeRed.visit(`luxcam/images/${id}`)).arrayBuffer()), newImage().bytes);
  });

  it('shows the texts of the locale files, with their values, at run time', async () => {
    await nodeRed.deploy(
      example('gallery').map((node) => (node.type === 'redis-image-store' ? { ...node, url: 'nonsense' } : node)),
    );
    await nodeRed.logged(/The image store can not be used\. The Redis URL is not one/);
  });
});
