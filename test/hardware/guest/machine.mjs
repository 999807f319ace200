// The virtual machine as the scenario sees it: programs that it starts, lines that it moves, facts that it tells.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The first program of a machine has no environment worth handing on. */
export const environment = {
  PATH: [
    // gpiomon 2
    path.resolve(import.meta.dirname, '../../../.cache/hardware/gpiod/bin'),
    '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ].join(':'),
  HOME: '/run',
  TMPDIR: '/run',
};

/** Tells the test outside what was seen. */
export function tell(fact, value) {
  console.log(JSON.stringify({ fact, value }));
}

/** Starts a program and tells all that it prints. Resolves once that matches `ready`. */
export async function start(command, args, ready) {
  const child = spawn(command, args, { env: environment, cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const printed = new Promise((resolve) => {
    let output = '';
    const read = (chunk) => {
      output += chunk;
      tell('output', `${chunk}`);
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const ended = exited.then(() => {
    throw new Error(`${command} ended before it printed ${ready}`);
  });
  await Promise.race([printed, ended]);
  // From here on its end is what stop() waits for.
  ended.catch(() => {});
  return { child, exited };
}

/** Ends a program as a service manager does and returns its exit code. */
export async function stop({ child, exited }) {
  child.kill('SIGTERM');
  const [code] = await exited;
  return code;
}

/** Moves a line, as a switch or a sensor at the pin does. */
export function drive(gpio, level) {
  const file = `/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio${gpio}/pull`;
  writeFileSync(file, level === 1 ? 'pull-up' : 'pull-down');
}

/** Presses a button to ground, or lets go of it (1): its contact bounces. */
export function bounce(gpio, level) {
  for (const each of [level, 1 - level, level, 1 - level, level]) drive(gpio, each);
}

/** The process ids of the programs with a name. */
export function processesOf(name) {
  const isIt = (id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8')
        .split('\0')
        .some((word) => word.endsWith(`/${name}`));
    } catch {
      // It has ended.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id) && isIt(id))
    .map(Number);
}

/** The lines that are taken through sysfs, by the kernel's numbers: GPIO 17 is 529. */
export function takenLines() {
  return readdirSync('/sys/class/gpio')
    .filter((name) => /^gpio\d+$/.test(name))
    .sort();
}
