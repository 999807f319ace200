import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../core/luxcam-error';
import type { Pull } from './gpio-line';

const flags = { up: 'pu', down: 'pd', none: 'pn' } as const;

/**
 * Sets a line's pull resistor, which neither sysfs nor onoff can, with Raspberry Pi OS's program `pinctrl`.
 * Returns a sentence on what to do where that is not possible; a resistor beside the switch does as well.
 */
export async function setPull(gpio: number, pull: Pull): Promise<string | undefined> {
  try {
    await promisify(execFile)('pinctrl', ['set', `${gpio}`, 'ip', flags[pull]]);
    return undefined;
  } catch (error) {
    if (pull === 'none') return undefined;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'the program pinctrl (package raspi-utils) is not installed' : messageOf(error).trim();
    return (
      `the pull-${pull} of GPIO ${gpio} was not set: ${why}. ` +
      `Add gpio=${gpio}=ip,${flags[pull]} to config.txt, or fit a resistor`
    );
  }
}
