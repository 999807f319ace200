import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { Agent } from '../../agent/agent';
import { parseConfiguration } from '../../agent/config';
import { parseJson } from '../../core/messages';
import { TestLog } from '../support/log';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { TestRedis } from '../support/redis-server';

// The rules of Home Assistant's MQTT integration, as its own schemas have them (components/mqtt/schemas.py and a file
// for each platform): strict, because it refuses a device with a key that it does not know.
const topic = z.string().regex(/^[^#+\0]+$/);
const template = z.string().regex(/\{\{.*value_json.*\}\}/);
const availability = z.array(z.strictObject({ topic })).min(1);
const entity = {
  unique_id: z.string().min(1),
  name: z.string().nullable(),
  icon: z.string().startsWith('mdi:').optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  availability: availability.optional(),
};
const component = z.discriminatedUnion('p', [
  z
    .strictObject({
      ...entity,
      p: z.literal('image'),
      image_topic: topic.optional(),
      content_type: z.string().optional(),
      url_topic: topic.optional(),
      url_template: template.optional(),
    })
    .refine((image) => (image.image_topic === undefined) !== (image.url_topic === undefined), 'one of both topics')
    .refine((image) => image.url_topic === undefined || image.content_type === undefined, 'no content_type for a URL'),
  z.strictObject({ ...entity, p: z.literal('button'), command_topic: topic, payload_press: z.string().min(1) }),
  z.strictObject({
    ...entity,
    p: z.literal('sensor'),
    state_topic: topic,
    value_template: template,
    device_class: z.enum(['illuminance', 'timestamp']),
    state_class: z.literal('measurement').optional(),
    unit_of_measurement: z.literal('lx').optional(),
  }),
  z.strictObject({
    ...entity,
    p: z.literal('binary_sensor'),
    state_topic: topic,
    value_template: template,
    device_class: z.enum(['motion', 'problem']),
    json_attributes_topic: topic.optional(),
    json_attributes_template: template.optional(),
  }),
  z.strictObject({
    ...entity,
    p: z.literal('number'),
    state_topic: topic,
    command_topic: topic,
    value_template: template,
    device_class: z.literal('duration'),
    unit_of_measurement: z.literal('s'),
    mode: z.enum(['auto', 'box', 'slider']),
    min: z.number(),
    max: z.number(),
    step: z.number().min(0.001),
  }),
  z.strictObject({
    ...entity,
    p: z.literal('switch'),
    state_topic: topic,
    command_topic: topic,
    value_template: template,
  }),
  z.strictObject({
    ...entity,
    p: z.literal('event'),
    state_topic: topic,
    value_template: z.string().regex(/^\{\{ \{'event_type': value_json\.event, .*\} \| to_json \}\}$/),
    event_types: z.array(z.string()).min(1),
  }),
]);
const deviceSchema = z.strictObject({
  dev: z.strictObject({
    identifiers: z.array(z.string().min(1)).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    configuration_url: z.url().optional(),
  }),
  o: z.strictObject({ name: z.string().min(1), sw_version: z.string().optional(), support_url: z.url().optional() }),
  // Of the root's keys only these pass on to the components.
  availability,
  availability_mode: z.enum(['all', 'any', 'latest']),
  qos: z.literal([0, 1, 2]),
  cmps: z.record(z.string(), component),
});

describe('Home Assistant', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let folder: string;
  let listener: MqttListener;
  let agents: Agent[] = [];

  async function run(name: string, cameras: Record<string, object[]>, rest: object = {}): Promise<Agent> {
    const source = { type: 'folder', path: folder };
    const text = JSON.stringify({
      agent: { name, spool: { path: path.join(folder, 'spool', name) } },
      redis: { url: redis.url },
      mqtt: { url: mosquitto.url },
      ...rest,
      cameras: Object.fromEntries(Object.entries(cameras).map(([camera, triggers]) => [camera, { source, triggers }])),
    });
    const agent = new Agent(parseConfiguration(text, 'luxcam.yaml'), new TestLog().log);
    agents.push(agent);
    await agent.start();
    for (const camera of Object.keys(cameras)) await said(`luxcam/${camera}/state`);
    return agent;
  }

  const said = (heard: string) => listener.message((message) => message.topic === heard && message.payload.length > 0);
  const device = async (camera: string, prefix = 'homeassistant') =>
    parseJson(deviceSchema, `${(await said(`${prefix}/device/luxcam_${camera}/config`)).payload}`);
  /** What a client that comes later is told: the topics that hold something. */
  async function retained(): Promise<string[]> {
    const late = await new MqttListener().start(mosquitto.url);
    await late.client.publishAsync('the/end', 'x', { qos: 1 });
    await late.message((message) => message.topic === 'the/end');
    await late.stop();
    return late.heard.filter(({ packet }) => packet.retain).map((message) => message.topic);
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-home-assistant-'));
    const red = sharp({ create: { width: 640, height: 360, channels: 3, background: 'red' } });
    await writeFile(path.join(folder, 'a.jpg'), await red.jpeg().toBuffer());
    await Promise.all([redis.start(), mosquitto.start()]);
  });
  after(async () => {
    await Promise.all([redis.stop(), mosquitto.stop(), rm(folder, { recursive: true })]);
  });
  beforeEach(async () => {
    listener = await new MqttListener().start(mosquitto.url);
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    agents = [];
    for (const left of await retained()) await listener.client.publishAsync(left, '', { retain: true, qos: 1 });
    await listener.stop();
  });

  it('learns of a camera and all that it has, by its own rules', async () => {
    await run('pi1', {
      front_door: [
        { type: 'timer', every: '1h' },
        { type: 'pir', gpio: 27 },
      ],
    });
    const { dev, cmps, ...root } = await device('front_door');
    assert.deepEqual(
      Object.values(cmps).map(({ p }) => p),
      ['image', 'button', 'sensor', 'sensor', 'event', 'binary_sensor', 'number', 'switch'],
    );
    assert.equal(dev.name, 'Front door');
    assert.deepEqual(root.availability, [
      { topic: 'luxcam/agents/pi1/status' },
      { topic: 'luxcam/front_door/availability' },
    ]);
    assert.equal(root.availability_mode, 'all');
    assert.equal(new Set(Object.values(cmps).map(({ unique_id }) => unique_id)).size, 8);
    assert.ok((await retained()).includes('homeassistant/device/luxcam_front_door/config'));
  });

  it('is offered only what the camera has, and the image by its address where the gallery has one', async () => {
    await run('pi1', { front: [] }, { gallery: { url: 'http://nodered.local:1880/luxcam' } });
    const { cmps, dev } = await device('front');
    assert.deepEqual(Object.keys(cmps), ['image', 'take_picture', 'illuminance', 'last_capture', 'capture']);
    assert.deepEqual(cmps.image, {
      p: 'image',
      unique_id: 'luxcam_front_image',
      name: null,
      url_topic: 'luxcam/front/latest',
      url_template: 'http://nodered.local:1880/luxcam/images/{{ value_json.id }}',
    });
    assert.equal(dev.configuration_url, 'http://nodered.local:1880/luxcam/');
  });

  it('takes a picture with its button, and finds every value where the templates look for it', async () => {
    await run('pi1', { front: [{ type: 'timer', every: '1h' }] }, { warnings: { silent: 3 } });
    const { cmps } = await device('front');
    assert.equal(cmps.problem?.p === 'binary_sensor' && cmps.problem.device_class, 'problem');
    const button = Object.values(cmps).find(({ p }) => p === 'button');
    assert.ok(button?.p === 'button');
    await listener.client.publishAsync(button.command_topic, button.payload_press, { qos: 1 });
    await listener.announcement('front', (each) => each.event === 'captured' && each.trigger === 'command');
    const image = cmps.image;
    assert.ok(image?.p === 'image' && image.image_topic !== undefined);
    assert.equal((await sharp((await said(image.image_topic)).payload).metadata()).format, 'jpeg');
    for (const each of Object.values(cmps)) {
      if (!('value_template' in each)) continue;
      const message = parseJson(z.record(z.string(), z.unknown()), `${(await said(each.state_topic)).payload}`);
      for (const [, field = ''] of each.value_template.matchAll(/value_json\.(\w+)(?!\w*\()/g))
        assert.ok(Object.hasOwn(message, field), `${each.state_topic} has no ${field}`);
    }
  });

  it('is told again after its birth message', async () => {
    await run('pi1', { front: [] });
    await device('front');
    listener.heard.length = 0;
    await listener.client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    await device('front');
  });

  it('loses a camera that was taken out of the configuration, and none of another agent', async () => {
    await run('pi2', { garden: [] });
    const first = await run('pi1', { front: [], lake: [] });
    await first.stop();
    agents = agents.filter((agent) => agent !== first);
    await run('pi1', { front: [] });
    await listener.message(({ topic: at, payload }) => at === 'luxcam/lake/state' && payload.length === 0);
    const left = await retained();
    assert.deepEqual(
      left.filter((at) => at.includes('lake')),
      [],
    );
    for (const camera of ['front', 'garden'])
      assert.ok(left.includes(`homeassistant/device/luxcam_${camera}/config`), `${camera} is still there`);
  });

  it('hears of nothing where discovery is off, and under another prefix where it has one', async () => {
    await run('pi1', { front: [] }, { mqtt: { url: mosquitto.url, discovery: false } });
    assert.deepEqual(
      (await retained()).filter((at) => !at.startsWith('luxcam/')),
      [],
    );
    await run('pi2', { garden: [] }, { mqtt: { url: mosquitto.url, discovery: 'ha/house' } });
    await device('garden', 'ha/house');
  });

  it('is not told a password of the gallery', () => {
    const text = (url: string) =>
      JSON.stringify({ gallery: { url }, cameras: { front: { source: { type: 'simulated' } } } });
    assert.throws(() => parseConfiguration(text('http://me:secret@nodered/luxcam'), 'luxcam.yaml'), /leave the user/);
    assert.throws(() => parseConfiguration(text('nodered/luxcam'), 'luxcam.yaml'), /gallery.*must look like/);
  });
});
