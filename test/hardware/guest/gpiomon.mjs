// Runs inside the virtual machine: lines that are watched with gpiomon 2 instead of onoff, a gpiomon that is killed, and
// an agent that is. It tells what it saw; gpiomon.test.ts says what that should be.
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { announcements, dist, motion, press, startAgent, until } from './house.mjs';
import { drive, environment, processesOf, stop, takenLines, tell } from './machine.mjs';

const load = (file) => createRequire(import.meta.url)(path.join(dist, 'agent/gpio', file));
const { AutoLine } = load('auto-line.js');
const { GpiomonLine } = load('gpiomon-line.js');
const { OnoffLine } = load('onoff-line.js');
process.env.PATH = environment.PATH;

/** Waits until so many gpiomons run; not for ever. While one starts it is not seen for a moment. */
async function gpiomons(count) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const running = processesOf('gpiomon');
    if (running.length === count) return running;
    await setTimeout(100);
  }
  return processesOf('gpiomon');
}

drive(23, 1);
const first = await startAgent('gpiomon.yaml');
tell('gpiomons while the agent runs', processesOf('gpiomon').length);
tell('lines of sysfs', takenLines());

for (let times = 0; times < 10; times++) await press(23, 'doorbell');
tell('pictures of 10 presses', announcements('doorbell').length);

drive(27, 1);
await until(() => motion().at(-1) === 'ON');
drive(27, 0);
await until(() => motion().at(-1) === 'OFF');
tell('motion', motion());

const noiseBegan = performance.now();
while (performance.now() - noiseBegan < 4000) {
  for (let edge = 0; edge < 10; edge++) drive(24, edge % 2);
  await setTimeout(10);
}
await setTimeout(500);
// Its cooldown is a second.
tell('most pictures of noise', Math.floor((performance.now() - noiseBegan) / 1000) + 1);
tell('pictures of noise', announcements('hum').length);

for (const id of processesOf('gpiomon')) process.kill(id, 'SIGKILL');
tell('gpiomons after they were killed', (await gpiomons(0)).length);
tell('gpiomons started anew', (await gpiomons(3)).length);
await setTimeout(1000);
await press(23, 'doorbell');
tell('pictures after gpiomon was killed', announcements('doorbell').length);

first.child.kill('SIGKILL');
tell('gpiomons of a killed agent', (await gpiomons(0)).length);
const second = await startAgent('gpiomon.yaml');
await press(23, 'doorbell');
tell('pictures of the next agent', announcements('doorbell').length);
tell('exit code', await stop(second));
tell('gpiomons after the stop', processesOf('gpiomon').length);

const refusalOf = (gpio) => new GpiomonLine(gpio, () => {}).open('none', () => {}).catch(String);
tell('refusal of a line that the kernel uses', await refusalOf(5));
tell('refusal of a line that is not there', await refusalOf(54));
tell('gpiomons after the refusals', processesOf('gpiomon').length);

// As on a kernel without sysfs.
const line = new AutoLine([new OnoffLine(21, () => {}, '/run/no-sysfs'), new GpiomonLine(21, () => {})]);
tell('level of a line where onoff can not serve', await line.open('up', () => {}));
await line.close();
tell('gpiomons after it was closed', processesOf('gpiomon').length);

tell('end', true);
process.exit();
