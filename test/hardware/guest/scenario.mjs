// Runs inside the virtual machine: a press on the button, noise on a line and motion before the PIR sensor, with the
// real agent, redis-server and mosquitto. It tells what it saw; hardware.test.ts says what that should be.
// Plain JavaScript, because compiling takes an emulated processor too long.
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import mqtt from 'mqtt';
import { drive, environment, start, stop, takenLines, tell } from './machine.mjs';

const dist = path.resolve(import.meta.dirname, '../../../dist');
const { OnoffLine } = createRequire(import.meta.url)(path.join(dist, 'agent/gpio/onoff-line.js'));

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
const payloads = (topic) => messages.filter((message) => message.topic === topic).map(({ payload }) => payload);
const announcements = () => payloads('luxcam/front/event').map((payload) => JSON.parse(payload));
/** Each change of what the agent says of motion. */
const motion = () => {
  const told = payloads('luxcam/front/state').map((payload) => JSON.parse(payload).motion);
  return told.filter((state, index) => state !== told[index - 1]);
};
/** Waits for messages to make something true; not for ever, so that the rest is told when something is wrong. */
const until = async (isTrue) => {
  const limit = AbortSignal.timeout(20_000);
  // The end of the wait rejects; that it was in vain is told below.
  while (!isTrue() && !limit.aborted) await once(client, 'message', { signal: limit }).catch(() => {});
  if (!isTrue()) tell('waited in vain', `${isTrue}`);
};

// Of the switched off button, which its resistor pulls up.
drive(17, 1);
const agentArguments = [
  path.join(dist, 'agent/main.js'),
  'agent',
  '--config',
  path.join(import.meta.dirname, 'luxcam.yaml'),
];
const agent = await start(process.execPath, agentArguments, /agent runs/);
await until(() => payloads('luxcam/front/availability').includes('online'));
tell('lines while the agent runs', takenLines());

// A press of a real contact: it bounces.
for (const level of [0, 1, 0, 1, 0]) drive(17, level);
await until(() => announcements().some(({ trigger }) => trigger === 'button'));
drive(17, 1);

for (let edge = 0; edge < 1000; edge++) drive(22, edge % 2);
await until(() => announcements().some(({ trigger }) => trigger === 'gpio'));

drive(27, 1);
await until(() => announcements().some(({ trigger }) => trigger === 'motion'));
await until(() => motion().at(-1) === 'ON');
drive(27, 0);
await until(() => motion().at(-1) === 'OFF');

tell('motion', motion());
tell('announcements', announcements());
const redis = (...args) => execFileSync('redis-cli', args, { env: environment });
const images = announcements().map(({ key }) => ({
  key,
  trigger: `${redis('HGET', key, 'trigger')}`.trim(),
  // Raw, redis-cli ends its answer with a line feed that is not of the image.
  bytes: redis('HGET', key, 'image_data').subarray(0, -1).toString('base64'),
}));
tell('images', images);

tell('exit code', await stop(agent));
tell('lines after the stop', takenLines());
await until(() => payloads('luxcam/agents/pi1/status').at(-1) === 'offline');
tell('last status', payloads('luxcam/agents/pi1/status').at(-1));

tell('refusal of a line that the kernel uses', await new OnoffLine(5, () => {}).open('none', () => {}).catch(String));
tell('lines after the refusal', takenLines());

// What an agent that was killed leaves behind, with a setting of another program.
writeFileSync('/sys/class/gpio/export', '533');
writeFileSync('/sys/class/gpio/gpio533/active_low', '1');
const leftBehind = new OnoffLine(21, () => {});
const edges = new EventEmitter();
const before = await leftBehind.open('none', (level) => edges.emit('level', level));
drive(21, 1);
const [after] = await once(edges, 'level', { signal: AbortSignal.timeout(20_000) });
tell('levels of a line left behind', [before, after]);
await leftBehind.close();
tell('lines after that', takenLines());
tell('end', true);
process.exit();
