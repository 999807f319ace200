import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../core/luxcam-error';
import { busyAdvice, chipAdvice, chipLabels, numberAdvice, permissionAdvice } from './advice';
import { BackendMissingError, type Level } from './gpio-line';

const execute = promisify(execFile);

/**
 * The name of the Raspberry Pi's GPIO chip, such as `gpiochip0`, as the programs of the package gpiod call it.
 * Throws an error that says what to do if there is no such line, a BackendMissingError if these programs are not there,
 * are of version 1 (whose options are others, and which fails on new kernels), or see no such chip.
 */
export async function findChip(gpio: number): Promise<string> {
  const said = await execute('gpiomon', ['--version']).catch((cause: unknown) => {
    throw new BackendMissingError(
      `GPIO ${gpio} can't be watched with gpiomon, it can't be run (${messageOf(cause).trim()}): ` +
        "on Debian 13 or newer run 'sudo apt-get install gpiod'",
      { cause },
    );
  });
  const version = said.stdout.match(/v(\d+)\.[\d.]+/);
  if (version?.[1] !== '2')
    throw new BackendMissingError(
      `GPIO ${gpio} can't be watched with gpiomon, it is ${version?.[0] ?? 'of an unknown version'} and version 2 is ` +
        "needed: Debian 13 and the Raspberry Pi OS made of it have that, before 'onoff' is the way",
    );
  const { stdout } = await execute('gpiodetect').catch((cause: unknown) => {
    throw new Error(lineAdvice(gpio, messageOf(cause)), { cause });
  });
  const chips = [...stdout.matchAll(/^(\S+) \[(.*)\] \((\d+) lines\)$/gm)];
  const chip = chips.find(([, , label = '']) => chipLabels.includes(label));
  const labels = chips.map(([, , label = '']) => label);
  if (chip === undefined) throw new BackendMissingError(chipAdvice(gpio, labels));
  const [, name = '', label = '', lines] = chip;
  if (gpio >= Number(lines)) throw new Error(numberAdvice(gpio, label, Number(lines)));
  return name;
}

/** Reads a line's level with gpioget. Throws an error in words that says what to do. */
export async function readLevel(gpio: number, lineArguments: string[]): Promise<Level> {
  const { stdout } = await execute('gpioget', ['--numeric', ...lineArguments]).catch((cause: unknown) => {
    throw new Error(lineAdvice(gpio, messageOf(cause)), { cause });
  });
  return stdout.trim() === '1' ? 1 : 0;
}

/** What to do about what a program of gpiod said. */
export function lineAdvice(gpio: number, words: string): string {
  if (/resource busy/i.test(words)) return busyAdvice(gpio);
  if (/permission denied|not permitted/i.test(words)) return permissionAdvice(gpio);
  return `GPIO ${gpio} can't be watched: ${words.trim()}`;
}
