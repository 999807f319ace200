import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { chipAdvice, chipLabels, numberAdvice } from './advice';
import { BackendMissingError } from './gpio-line';

/**
 * The number by which sysfs knows a line of the Raspberry Pi's GPIO chip, for example 529 for GPIO 17: the number that
 * the chip begins with (since Linux 6.6 no longer 0, and not the same on every Pi) plus the BCM number.
 * Throws an error that says what to do if there is no such line, a BackendMissingError if there is no such chip.
 */
export async function findLineNumber(sysfs: string, gpio: number): Promise<number> {
  const entries = await readdir(sysfs).catch((cause: unknown) => {
    throw new BackendMissingError(
      `there is no ${sysfs} on this machine, so GPIO ${gpio} can't be watched: ` +
        'run the agent on the Raspberry Pi whose lines it should watch, or remove the trigger from the configuration',
      { cause },
    );
  });
  const seen: string[] = [];
  for (const chip of entries.filter((entry) => entry.startsWith('gpiochip'))) {
    const label = await readText(path.join(sysfs, chip, 'label'));
    seen.push(label);
    if (!chipLabels.includes(label)) continue;
    const lines = Number(await readText(path.join(sysfs, chip, 'ngpio')));
    if (gpio >= lines) throw new Error(numberAdvice(gpio, label, lines));
    return Number(await readText(path.join(sysfs, chip, 'base'))) + gpio;
  }
  throw new BackendMissingError(chipAdvice(gpio, seen));
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
