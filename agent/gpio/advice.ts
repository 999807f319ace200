/** How the chip behind the 40 pins is labelled: up to the Pi 3 (and Zero 2), on the Pi 4, on the Pi 5. */
export const chipLabels = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

/** What to do about a line that somebody else holds. */
export function busyAdvice(gpio: number): string {
  return (
    `GPIO ${gpio} can't be watched, another program or the kernel uses it already: choose another line, or end the ` +
    "other use ('gpioinfo' of the package gpiod names it; an overlay in config.txt may have taken it)"
  );
}

/** What to do about lines that this user may not use. */
export function permissionAdvice(gpio: number): string {
  return (
    `GPIO ${gpio} can't be watched, this user may not use GPIO lines: add it to the group gpio with ` +
    "'sudo usermod -aG gpio <user>' and log in again (or restart the service)"
  );
}

/** What to do about a number that no line has. */
export function numberAdvice(gpio: number, label: string, lines: number): string {
  return `there is no GPIO ${gpio}: ${label} has the lines 0 to ${lines - 1}, choose one of them`;
}

/** What to do on a machine that has only other chips. */
export function chipAdvice(gpio: number, seen: string[]): string {
  const found = seen.length > 0 ? `only ${seen.join(', ')}` : 'no chip at all';
  return (
    `this machine has no GPIO chip of a Raspberry Pi (${chipLabels.join(', ')}), ${found}, so GPIO ${gpio} can't be ` +
    'watched: run the agent on a Raspberry Pi, or remove the trigger from the configuration'
  );
}
