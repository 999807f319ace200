// What is around the agent in the virtual machine: a redis-server, a mosquitto, and somebody who listens.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import mqtt from 'mqtt';
import { bounce, environment, start, tell } from './machine.mjs';

/** The agent as it is built. */
export const dist = path.resolve(import.meta.dirname, '../../../dist');

mkdirSync('/run/redis');
await start(
  'redis-server',
  ['--bind', '127.0.0.1', '--dir', '/run/redis', '--save', ''],
  /Ready to accept connections/i,
);
writeFileSync('/run/mosquitto.conf', 'listener 1883 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n');
await start('mosquitto', ['-c', '/run/mosquitto.conf'], /mosquitto version .* running/);

const client = await mqtt.connectAsync('mqtt://127.0.0.1:1883');
const messages = [];
client.on('message', (topic, payload) => messages.push({ topic, payload: `${payload}` }));
await client.subscribeAsync('luxcam/#', { qos: 1 });

/** All that was said on a topic so far. */
export const payloads = (topic) => messages.filter((message) => message.topic === topic).map(({ payload }) => payload);

/** The announcements so far, of one trigger source or of all. */
export const announcements = (source) =>
  payloads('luxcam/front/event')
    .map((payload) => JSON.parse(payload))
    .filter((announcement) => source === undefined || announcement.trigger_source === source);

/** Each change of what the agent says of motion. */
export const motion = () => {
  const told = payloads('luxcam/front/state').map((payload) => JSON.parse(payload).motion);
  return told.filter((state, index) => state !== told[index - 1]);
};

/** Waits for messages to make something true; not for ever, so that the rest is told when something is wrong. */
export async function until(isTrue) {
  const limit = AbortSignal.timeout(20_000);
  // The end of the wait rejects; that it was in vain is told below.
  while (!isTrue() && !limit.aborted) await once(client, 'message', { signal: limit }).catch(() => {});
  if (!isTrue()) tell('waited in vain', `${isTrue}`);
}

/** Starts the agent with a configuration of this folder. */
export async function startAgent(configuration) {
  const started = messages.length;
  const file = path.join(import.meta.dirname, configuration);
  const program = path.join(dist, 'agent/main.js');
  const agent = await start(process.execPath, [program, 'agent', '--config', file], /agent runs/);
  await until(() =>
    messages.slice(started).some(({ topic, payload }) => /availability$/.test(topic) && payload === 'online'),
  );
  return agent;
}

/** Presses a button with a bouncing contact and waits for its picture; the next press is a new one for its trigger. */
export async function press(gpio, source) {
  const before = announcements(source).length;
  bounce(gpio, 0);
  await until(() => announcements(source).length > before);
  bounce(gpio, 1);
  await setTimeout(250);
}

/** An image's bytes in Redis. */
export function imageData(key) {
  // Raw, redis-cli ends its answer with a line feed that is not of the image.
  return execFileSync('redis-cli', ['HGET', key, 'image_data'], { env: environment }).subarray(0, -1);
}
