import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import pino from 'pino';
import sharp from 'sharp';
import { Announcer } from '../agent/announcer';
import { BrokerConnection } from '../agent/broker-connection';
import type { Camera } from '../agent/cameras/camera';
import { CaptureService } from '../agent/capture-service';
import { ImageKeeper } from '../agent/image-keeper';
import { Spool } from '../agent/spool';
import { announcementSchema, parseJson } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import { Topics } from '../core/topics';
import { jpegWithExif } from '../test/support/jpeg-with-exif';
import { alternate, milliseconds } from './alternate';
import { connectStore } from './store';
import type { Comparison } from './table';

const camera = 'front';
const plainTopic = 'plain/event';

/** From a trigger to the announcement at a subscriber, against SET of the same bytes, then publish and receive. */
export async function benchCapture(redisUrl: string, mqttUrl: string): Promise<Comparison[]> {
  const jpeg = await picture();
  const store = await connectStore(redisUrl, 'capture:');
  const topics = new Topics('luxcam');
  const subscriber = await mqtt.connectAsync(mqttUrl, { protocolVersion: 5 });
  await subscriber.subscribeAsync([topics.event(camera), plainTopic], { qos: 1 });
  const publisher = await mqtt.connectAsync(mqttUrl, { protocolVersion: 5 });
  const agent = await startAgent(store, topics, mqttUrl, constantCamera(jpeg));

  const received = () =>
    new Promise<Buffer>((resolve) => subscriber.once('message', (_topic, bytes) => resolve(bytes)));
  const { client } = store.connection;
  let text = '';
  const plainly = async (prepare: () => unknown) => {
    const key = 'capture:plain';
    const time = await milliseconds(async () => {
      const announcement = received();
      prepare();
      await client.set(key, jpeg);
      await publisher.publishAsync(plainTopic, text, { qos: 1 });
      await announcement;
    });
    await client.unlink(key);
    return time;
  };
  const [ours = [], theirs = [], limit = []] = await alternate({ warmUp: 30, rounds: 300 }, [
    async () => {
      const time = await milliseconds(async () => {
        const announcement = received();
        agent.service.request({ trigger: 'button', triggerSource: 'gpio17', transaction: null, burst: 1, meta: {} });
        text = `${await announcement}`;
      });
      const announcement = parseJson(announcementSchema, text);
      if (announcement.event !== 'captured') throw new Error(`nothing was captured: ${text}`);
      // What follows an announcement (latest, thumbnail, the outbox) must not fall into the next measurement.
      while ((await store.waiting()) > 0);
      await client.unlink(announcement.key);
      return time;
    },
    () => plainly(() => undefined),
    () => plainly(() => createHash('sha256').update(jpeg).digest('hex')),
  ]);
  await agent.stop();
  await Promise.all([publisher.endAsync(), subscriber.endAsync(), store.connection.stop()]);
  return [
    {
      name: `trigger to announcement, ${(jpeg.length / 1e6).toFixed(1)} MB`,
      ours,
      against: 'SET, then publish to receive',
      theirs,
      unit: 'ms',
      goal: { atMost: 1.5 },
    },
    { name: '  the same', ours, against: 'SHA-256, SET, publish to receive', theirs: limit, unit: 'ms' },
  ];
}

/** The agent's parts from the capture service to the broker, running. */
async function startAgent(store: RedisImageStore, topics: Topics, mqttUrl: string, source: Camera) {
  const log = pino({ level: 'silent' });
  const events = new EventEmitter();
  const broker = new BrokerConnection({
    settings: { url: mqttUrl, protocolVersion: 5 },
    statusTopic: topics.agentStatus('pi1'),
    clientId: 'luxcam-bench',
    log,
    subscriptions: [],
    onMessage: () => undefined,
    onConnect: () => events.emit('connected'),
  });
  const announcer = new Announcer({ store, broker, topics, log });
  const folder = await mkdtemp(path.join(tmpdir(), 'luxcam-bench-'));
  const spool = new Spool(camera, { path: folder, maxSize: 1e9 }, log);
  const keeper = new ImageKeeper({ store, spool, log, onChange: () => undefined });
  const service = new CaptureService({
    name: camera,
    agent: 'pi1',
    camera: source,
    store,
    keeper,
    announcer,
    settings: { ttl: 3600, timeout: 10_000 },
    log,
    onChange: () => undefined,
  });
  const connected = once(events, 'connected');
  await keeper.start();
  broker.start();
  announcer.start();
  service.start();
  await connected;
  const stop = async () => {
    await service.stop();
    await keeper.stop();
    await announcer.stop(5000);
    await broker.stop();
    await rm(folder, { recursive: true });
  };
  return { service, stop };
}

function constantCamera(jpeg: Buffer): Camera {
  return {
    start: async () => undefined,
    capture: async () => ({ jpeg, capturedAt: Date.now(), lux: 268, metadata: { exposure_us: 10_000 } }),
    stop: async () => undefined,
  };
}

/** A JPEG as a Raspberry Pi camera makes it: 2304 x 1296, grainy, with a thumbnail in its EXIF data. */
async function picture(): Promise<Buffer> {
  const full = sharp({
    create: {
      width: 2304,
      height: 1296,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 12 },
    },
  });
  const jpeg = await full.jpeg({ quality: 85 }).toBuffer();
  const thumbnail = await sharp(jpeg).resize(320).jpeg().toBuffer();
  return jpegWithExif(jpeg, { thumbnail });
}
