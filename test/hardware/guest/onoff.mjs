// Runs inside the virtual machine: presses, noise and motion on lines that are watched with onoff, with the real agent,
// redis-server and mosquitto. It tells what it saw; onoff.test.ts says what that should be.
// Plain JavaScript, because compiling takes an emulated processor too long.
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { announcements, dist, imageData, motion, payloads, press, startAgent, until } from './house.mjs';
import { bounce, drive, stop, takenLines, tell } from './machine.mjs';

const { OnoffLine } = createRequire(import.meta.url)(path.join(dist, 'agent/gpio/onoff-line.js'));

// Of the switched off buttons, which their resistors pull up.
for (const gpio of [17, 23]) drive(gpio, 1);
const agent = await startAgent('onoff.yaml');
tell('lines while the agent runs', takenLines());

bounce(17, 0);
await until(() => announcements('gpio17').length > 0);
drive(17, 1);

for (let edge = 0; edge < 1000; edge++) drive(22, edge % 2);
await until(() => announcements('noisy').length > 0);

drive(27, 1);
await until(() => announcements('gpio27').length > 0);
await until(() => motion().at(-1) === 'ON');
drive(27, 0);
await until(() => motion().at(-1) === 'OFF');
tell('motion', motion());
tell('announcements', announcements());
tell(
  'images',
  announcements().map(({ key, trigger }) => ({ key, trigger, bytes: imageData(key).toString('base64') })),
);

for (let times = 0; times < 100; times++) await press(23, 'doorbell');
tell('pictures of 100 presses', announcements('doorbell').length);

// About a thousand edges a second for ten seconds.
const noiseBegan = performance.now();
while (performance.now() - noiseBegan < 10_000) {
  for (let edge = 0; edge < 10; edge++) drive(24, edge % 2);
  await setTimeout(10);
}
await setTimeout(500);
// Its cooldown is a second.
tell('most pictures of noise', Math.floor((performance.now() - noiseBegan) / 1000) + 1);
tell('pictures of noise', announcements('hum').length);
tell('failures', announcements().filter(({ event }) => event === 'failed').length);

tell('exit code', await stop(agent));
tell('lines after the stop', takenLines());
await until(() => payloads('luxcam/agents/pi1/status').at(-1) === 'offline');
tell('last status', payloads('luxcam/agents/pi1/status').at(-1));

const refusalOf = (gpio) => new OnoffLine(gpio, () => {}).open('none', () => {}).catch(String);
tell('refusal of a line that the kernel uses', await refusalOf(5));
tell('refusal of a line that is not there', await refusalOf(54));
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
