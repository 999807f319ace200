import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import sharp from 'sharp';
import { z } from 'zod';
import { Agent } from '../../agent/agent';
import { parseConfiguration } from '../../agent/config';
import { type Announcement, announcementSchema, type ImageMessage, parseJson } from '../../core/messages';
import { EventStreamReader } from '../support/event-stream-reader';
import { TestLog } from '../support/log';
import { luxcam, runningLuxcam } from '../support/luxcam-command';
import { MqttListener } from '../support/mqtt-listener';
import { TestFlow } from '../support/node-red-flow';
import type { ServerProcess } from '../support/server-process';
import { TestTenants } from '../support/tenants';

const imagesSchema = z.object({ images: z.array(z.object({ id: z.string(), url: z.string() })) });
const jsonHeaders = { 'content-type': 'application/json' };

describe('a house with the users of docs/tenants.md', () => {
  const tenants = new TestTenants();
  const listener = new MqttListener();
  const kept = new TestLog();
  const galleries: ServerProcess[] = [];
  let folder: string;
  let agent: Agent;
  let flow: TestFlow;
  let number = 0;

  const said = async (fits: (announcement: Announcement) => boolean) => {
    const read = (payload: Buffer) => parseJson(announcementSchema, `${payload}`);
    const { payload } = await listener.message(
      (message) => message.topic === 'house1/luxcam/front/event' && fits(read(message.payload)),
    );
    return read(payload);
  };
  /** Lets the agent take a picture, and resolves with the id that is announced. */
  const capture = async (): Promise<string> => {
    number += 1;
    const transaction = `t${number}`;
    await listener.client.publishAsync('house1/luxcam/front/capture', JSON.stringify({ transaction }));
    const announcement = await said((each) => 'transaction' in each && each.transaction === transaction);
    assert.ok(announcement.event === 'captured', JSON.stringify(announcement));
    assert.equal(announcement.key, `house1:image:${announcement.id}`);
    return announcement.id;
  };
  const command = async (words: string[], user = 'house1-agent') => {
    const file = path.join(folder, `${user}.yaml`);
    await writeFile(file, tenants.configuration(user));
    return luxcam([...words, '--config', file], { cwd: folder });
  };
  const gallery = async (user: string, settings = '') => {
    const file = path.join(folder, `${user}-gallery.yaml`);
    await writeFile(file, `${tenants.configuration(user)}gallery: { port: 0${settings} }\n`);
    const server = runningLuxcam(['gallery', '--config', file]);
    galleries.push(server);
    const [, url = ''] = await server.printed(/Gallery: (\S+)/);
    return { url, server };
  };

  before(async () => {
    await tenants.start();
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-house1-'));
    const spool = `agent: { name: pi1, spool: { path: ${path.join(folder, 'spool')} } }\n`;
    const live = tenants.configuration().replace(/^ +source:.*\n/m, '$&    live: { fps: 5, width: 320 }\n');
    agent = new Agent(parseConfiguration(spool + live, 'luxcam.yaml'), kept.log);
    await listener.start(tenants.mqttUrl('house1-flows'), 'house1/luxcam/#');
    await agent.start();
    await listener.message(({ topic, payload }) => topic.endsWith('agents/pi1/status') && `${payload}` === 'online');
    flow = await new TestFlow().start(nodes(tenants), {
      credentials: {
        store: { username: 'house1-flows', password: 'house1-flows-password' },
        broker: { user: 'house1-flows', password: 'house1-flows-password' },
      },
    });
  });
  after(async () => {
    await flow.stop();
    await Promise.all(galleries.map((server) => server.stop()));
    await listener.stop();
    await tenants.stop();
    await rm(folder, { recursive: true });
  });

  it('captures, stores and announces, and tells what is retained', async () => {
    const id = await capture();
    for (const kind of ['availability', 'state', 'latest', 'thumbnail'])
      await listener.message(({ topic }) => topic === `house1/luxcam/front/${kind}`);
    const ttl = await tenants.admin.pTTL(`house1:image:${id}`);
    assert.ok(ttl > 0, `it lives for ${ttl} ms`);
  });

  it('answers where the request asks it to', async () => {
    const asker = await new MqttListener().start(tenants.mqttUrl('house1-flows'), 'house1/answers/me');
    const properties = { responseTopic: 'house1/answers/me', correlationData: Buffer.from('1') };
    await asker.client.publishAsync('house1/luxcam/front/capture', '', { properties });
    const { payload } = await asker.message(() => true);
    assert.equal(parseJson(announcementSchema, `${payload}`).event, 'captured');
    await asker.stop();
  });

  it('is known to its own Home Assistant, which can use it', async () => {
    const home = await new MqttListener().start(tenants.mqttUrl('house1-homeassistant'));
    await home.message(({ topic }) => topic === 'house1/homeassistant/device/house1_luxcam_front/config');
    await home.client.publishAsync('house1/luxcam/front/set/interval', '90', { qos: 1 });
    await home.message(({ topic, payload }) => topic.endsWith('front/state') && `${payload}`.includes('"interval":90'));
    // From here on the newest image is the one that a test has asked for.
    await home.client.publishAsync('house1/luxcam/front/set/timer', 'OFF', { qos: 1 });
    await home.message(({ topic, payload }) => topic.endsWith('front/state') && `${payload}`.includes('"timer":"OFF"'));
    await home.stop();
  });

  it('has its commands', async () => {
    const id = await capture();
    const [listed, got, captured, checked] = await Promise.all([
      command(['list', '--trigger', 'command', '--lux-min', '0', '--from', '1h']),
      command(['get', id, '--output', '-'], 'house1-gallery'),
      command(['capture', 'front'], 'house1-agent'),
      command(['check']),
    ]);
    assert.ok(listed.output.includes(id), listed.output + listed.errors);
    assert.deepEqual([...got.bytes.subarray(0, 2)], [0xff, 0xd8], got.errors);
    assert.equal(captured.status, 0, captured.errors);
    assert.equal(checked.status, 0, checked.output);
    assert.match(checked.output, /^OK +Redis .*its user may not use INFO/m);
  });

  it('has a gallery that only looks, and one that pins, deletes and captures', async () => {
    const id = await capture();
    const [{ url: looks }, { url: keeps }] = await Promise.all([
      gallery('house1-gallery', ', allow: { pin: true, delete: true }'),
      gallery('house1-keeper', ', allow: { pin: true, delete: true, capture: true }'),
    ]);
    for (const url of [looks, keeps]) {
      const { images } = parseJson(imagesSchema, await text(`${url}api/images`));
      assert.equal(images[0]?.id, id);
      for (const route of [
        ...[`images/${id}`, `thumbnails/${id}`, 'cameras/front/latest.jpg', 'live/front.jpg', 'api/cameras', 'health'],
        ...['?lux_min=0&lux_max=99999&trigger=command', '?pinned=true', '?from=1&camera=front'].map(
          (q) => `api/images${q}`,
        ),
      ])
        assert.ok((await text(`${url}${route}`)).length > 0);
      const { cameras, redis } = parseJson(
        z.object({ cameras: z.array(z.object({ images: z.number() })), redis: z.null() }),
        await text(`${url}api/stats`),
      );
      assert.equal(redis, null);
      assert.ok((cameras[0]?.images ?? 0) >= 3);
    }
    const events = await EventStreamReader.open(`${looks}api/events`);
    const post = (url: string, route: string, method = 'POST') =>
      fetch(`${url}api/${route}`, { method, headers: jsonHeaders, body: '{}' });
    const happened = async (wanted: string) => {
      for (;;) if ((await events.next()).event === wanted) return;
    };
    // Redis keeps the one who only looks from changing anything, even where the gallery was told to let people do so.
    assert.equal((await post(looks, `images/${id}/pin`)).status, 503);
    assert.equal((await post(looks, `images/${id}`, 'DELETE')).status, 503);
    for (const [route, event] of [
      [`images/${id}/pin`, 'pinned'],
      [`images/${id}/unpin`, 'unpinned'],
      ['cameras/front/capture', 'captured'],
    ] as const) {
      const answer = await post(keeps, route);
      assert.ok(answer.ok, await answer.text());
      await happened(event);
    }
    assert.equal((await post(keeps, `images/${id}`, 'DELETE')).status, 204);
    await happened('deleted');
    assert.equal((await fetch(`${keeps}images/${id}`)).status, 404);
    events.close();
  });

  it('has all nodes in Node-RED', async () => {
    await flow.status('capture', /^front/);
    flow.send('capture', { payload: '' });
    const announced = (await flow.next<NodeMessage & { payload: ImageMessage }>('captured')).payload;
    for (;;) {
      const { image, payload } = await flow.next<NodeMessage & { image: ImageMessage }>('new');
      assert.ok(Buffer.isBuffer(payload));
      if (image.id === announced.id) break;
    }

    const bytes = await sharp({ create: { width: 64, height: 36, channels: 3, background: '#864' } })
      .jpeg()
      .toBuffer();
    const { image: frame } = await flow.next<NodeMessage & { image: object }>('live');
    assert.ok('number' in frame, JSON.stringify(frame));

    flow.send('store-one', { payload: bytes });
    const { image } = await flow.next<NodeMessage & { image: ImageMessage }>('stored');
    await listener.message(({ topic }) => topic === 'house1/luxcam/flow/latest');
    flow.send('add', { image, payload: { cat: 0.9 } } as NodeMessage);
    assert.deepEqual((await flow.next<NodeMessage & { image: ImageMessage }>('added')).image.meta, { cat: 0.9 });

    const url = `${await flow.serveHttp()}/luxcam/`;
    const { images } = parseJson(imagesSchema, await text(`${url}api/images`));
    assert.equal(images[0]?.id, image.id);
    const post = (route: string, method = 'POST') =>
      fetch(`${url}api/images/${image.id}${route}`, { method, headers: jsonHeaders, body: '{}' });
    for (const route of ['/pin', '/unpin']) assert.equal((await post(route)).status, 200);
    assert.equal((await post('', 'DELETE')).status, 204);
  });

  it('was refused nothing that it needs', async () => {
    await agent.stop();
    const refusalSchema = z.array(z.object({ object: z.string(), username: z.string() }));
    const refusals = refusalSchema.parse(await tenants.admin.sendCommand(['ACL', 'LOG', '100'], {}).then(asRecords));
    const unexpected = refusals.filter(
      // INFO is not needed; the gallery that only looks was told to pin and delete, and to clear the index.
      ({ object, username }) => object !== 'info' && username !== 'house1-gallery',
    );
    assert.deepEqual(unexpected, []);
    assert.deepEqual(
      kept.lines.filter((line) => /"level":[56]0/.test(line)),
      [],
    );
  });
});

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  const body = await response.text();
  assert.equal(response.status, 200, `${url}: ${body}`);
  return body;
}

/** Redis' lists of names and values, or maps, as objects. */
function asRecords(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  return reply.map((entry) => {
    if (!Array.isArray(entry)) return entry;
    return Object.fromEntries(entry.flatMap((name, at) => (at % 2 === 0 ? [[name, entry[at + 1]]] : [])));
  });
}

function nodes({ redis, mosquitto }: TestTenants): object[] {
  const helper = (id: string) => ({ id, type: 'helper', z: 'tab' });
  return [
    { id: 'tab', type: 'tab' },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: `${mosquitto.port}`, protocolVersion: '5' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: 'house1:' },
    {
      ...{ id: 'capture', type: 'luxcam-capture', z: 'tab', broker: 'broker', base: 'house1/luxcam' },
      ...{ camera: 'front', cameraType: 'str', wires: [['captured']] },
    },
    { id: 'in', type: 'redis-image-in', z: 'tab', store: 'store', camera: 'front', output: 'buffer', wires: [['new']] },
    {
      ...{ id: 'store-one', type: 'redis-image-out', z: 'tab', store: 'store', camera: 'flow', cameraType: 'str' },
      ...{ broker: 'broker', base: 'house1/luxcam', wires: [['stored']] },
    },
    {
      ...{ id: 'add', type: 'redis-image-out', z: 'tab', store: 'store', mode: 'meta', meta: 'payload' },
      ...{ metaType: 'msg', wires: [['added']] },
    },
    {
      ...{ id: 'gallery', type: 'luxcam-gallery', z: 'tab', store: 'store', path: 'luxcam', broker: 'broker' },
      ...{ base: 'house1/luxcam', allowPin: true, allowDelete: true },
    },
    { id: 'look', type: 'redis-image-in', z: 'tab', store: 'store', mode: 'live', camera: 'front', wires: [['live']] },
    ...['captured', 'new', 'live', 'stored', 'added'].map(helper),
  ];
}
