import type { Logger } from 'pino';
import { z } from 'zod';
import { ActiveLowLine } from './active-low-line';
import { AutoLine } from './auto-line';
import type { GpioLine } from './gpio-line';
import { GpiomonLine } from './gpiomon-line';
import { OnoffLine } from './onoff-line';

/** Which way lines are watched; `auto`: with onoff, and with gpiomon where onoff can't. */
export const gpioBackendSchema = z.enum(['auto', 'onoff', 'gpiomon']);
export type GpioBackend = z.infer<typeof gpioBackendSchema>;

/** Builds the line with a BCM number, watched by a backend. */
export function createLine(
  { gpio, active_low }: { gpio: number; active_low: boolean },
  backend: GpioBackend,
  log: Logger,
): GpioLine {
  const warn = (message: string) => log.warn(message);
  const lines = {
    onoff: () => new OnoffLine(gpio, warn),
    gpiomon: () => new GpiomonLine(gpio, warn),
    auto: () => new AutoLine([lines.onoff(), lines.gpiomon()]),
  };
  const line = lines[backend]();
  return active_low ? new ActiveLowLine(line) : line;
}
