import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { TestMosquitto } from '../support/mosquitto';
import { newImage } from '../support/new-image';
import { PlayedAgent } from '../support/node-red-agent';
import { NodeRedProcess } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';

describe('flows that are deployed again and again while images come', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const nodeRed = new NodeRedProcess();
  const agent = new PlayedAgent();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let picture: Buffer;

  const place = (x: number, y: number) => ({ z: 'tab', x, y });
  const flow = (name: string) => [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: '' },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: `${mosquitto.port}`, protocolVersion: '5' },
    { id: 'in', type: 'redis-image-in', name, store: 'store', mode: 'each', wires: [['seen']], ...place(100, 60) },
    { id: 'seen', type: 'debug', active: true, console: true, complete: 'image.id', wires: [], ...place(300, 60) },
    inject('store-it', 'out', { p: 'payload', v: `[${[...picture]}]`, vt: 'bin' }, 120),
    {
      ...{ id: 'out', type: 'redis-image-out', name, store: 'store', broker: 'broker', camera: 'flow', ttl: 3600 },
      ...{ wires: [[]], ...place(300, 120) },
    },
    inject('ask', 'capture', { p: 'topic', v: 'go', vt: 'str' }, 180),
    { id: 'capture', type: 'luxcam-capture', name, broker: 'broker', camera: 'front', wires: [[]], ...place(300, 180) },
    { id: 'gallery', type: 'luxcam-gallery', name, store: 'store', path: 'luxcam', wires: [[]], ...place(100, 240) },
  ];
  const inject = (id: string, to: string, property: object, y: number) => ({
    ...{ id, type: 'inject', props: [property], repeat: '0.2', wires: [[to]], ...place(100, y) },
  });
  /** How many connections to Redis there are, our own among them. */
  const connections = async () =>
    `${await connection.client.sendCommand(['CLIENT', 'LIST'])}`.trim().split('\n').length;
  const sent = () => [...nodeRed.log.matchAll(/\[debug:seen\] ((?:yard|flow):\d+)/g)].map(([, id]) => id);

  before(async function () {
    this.timeout(120_000);
    await Promise.all([redis.start(), mosquitto.start()]);
    await Promise.all([nodeRed.start(), agent.start(mosquitto.url)]);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });
    picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
  });
  after(async () => {
    await Promise.all([nodeRed.stop(), agent.stop(), connection?.stop()]);
    await Promise.all([redis.stop(), mosquitto.stop()]);
  });

  it('send each image once, leave no connection behind, and stop within a second', async function () {
    this.timeout(90_000);
    await nodeRed.deploy(flow('first'));
    // The node notes where it begins; from then on it owes every image.
    const first = (await store.put(newImage({ camera: 'yard' }))).id;
    while ((await connections()) < 4) await new Promise(setImmediate);
    const since = nodeRed.log.length;
    const before = await connections();

    const ended = new AbortController();
    const answer = async () => {
      while (!ended.signal.aborted) await agent.captured((await agent.command()).command.transaction);
    };
    // It ends with the agent: no command comes any more then.
    answer().catch(() => undefined);
    const yard: string[] = [];
    const storing = (async () => {
      while (!ended.signal.aborted) {
        yard.push((await store.put(newImage({ camera: 'yard' }))).id);
        await setTimeout(50);
      }
    })();
    for (let round = 0; round < 12; round += 1) {
      await nodeRed.deploy(flow(`round ${round}`), round % 2 === 0 ? 'full' : 'nodes');
      const some = yard.length + 5;
      while (yard.length < some) await setTimeout(5);
    }
    ended.abort();
    await storing;
    const last = (await store.put(newImage({ camera: 'yard' }))).id;
    await nodeRed.logged(new RegExp(`\\[debug:seen\\] ${last}`), since);
    await nodeRed.deploy(flow('last').filter((node) => node.type !== 'inject'));
    const ids = sent();
    assert.equal(new Set(ids).size, ids.length, 'none twice');
    const missed = [...yard, last].filter((id) => !ids.includes(id));
    assert.deepEqual(missed, []);
    assert.deepEqual(
      ids.filter((id) => id?.startsWith('yard:') && id !== first),
      [...yard, last],
      'in their order',
    );
    assert.ok(ids.some((id) => id?.startsWith('flow:')));
    while ((await connections()) > before) await new Promise(setImmediate);
    assert.doesNotMatch(nodeRed.log.slice(since), /\[error\]|MaxListeners|Close timed out|Unhandled|TypeError/);
  });

  it('stop within a second while Redis hangs', async () => {
    const before = nodeRed.log.length;
    await nodeRed.deploy(flow('before').filter((node) => node.type !== 'luxcam-capture'));
    await nodeRed.logged(/Connected to Redis/, before);
    const since = nodeRed.log.length;
    await connection.client.sendCommand(['CLIENT', 'PAUSE', '6000', 'ALL']);
    await nodeRed.deploy(flow('after').filter((node) => node.type !== 'luxcam-capture'));
    assert.doesNotMatch(nodeRed.log.slice(since), /Close timed out/);
  });
});
