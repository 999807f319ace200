import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** How the chip behind the 40 pins is labelled: up to the Pi 3 (and Zero 2), on the Pi 4, on the Pi 5. */
const labels = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

/**
 * The number by which sysfs knows a line of the Raspberry Pi's GPIO chip, for example 529 for GPIO 17: the number that
 * the chip begins with (since Linux 6.6 no longer 0, and not the same on every Pi) plus the BCM number.
 * Throws an error that says what to do if there is no GPIO, no such chip or no such line.
 */
export async function findLineNumber(sysfs: string, gpio: number): Promise<number> {
  const entries = await readdir(sysfs).catch((cause: unknown) => {
    throw new Error(
      `there is no ${sysfs} on this machine, so GPIO ${gpio} can't be watched: ` +
        'run the agent on the Raspberry Pi whose lines it should watch, or remove the trigger from the configuration',
      { cause },
    );
  });
  const seen: string[] = [];
  for (const chip of entries.filter((entry) => entry.startsWith('gpiochip'))) {
    const label = await readText(path.join(sysfs, chip, 'label'));
    seen.push(label);
    if (!labels.includes(label)) continue;
    const lines = Number(await readText(path.join(sysfs, chip, 'ngpio')));
    if (gpio >= lines)
      throw new Error(`there is no GPIO ${gpio}: ${label} has the lines 0 to ${lines - 1}, choose one of them`);
    return Number(await readText(path.join(sysfs, chip, 'base'))) + gpio;
  }
  const found = seen.length > 0 ? `only ${seen.join(', ')}` : 'no chip at all';
  throw new Error(
    `this machine has no GPIO chip of a Raspberry Pi (${labels.join(', ')}), ${found}, so GPIO ${gpio} can't be ` +
      'watched: run the agent on a Raspberry Pi, or remove the trigger from the configuration',
  );
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
