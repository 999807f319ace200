import { z } from 'zod';
import { triggerSettings } from './trigger';

/** What every trigger on a GPIO line can be told of its line. */
export const lineSettings = {
  /** The line by its BCM number, which is what `GPIO17` means, not the position of the pin. */
  gpio: z
    .number()
    .int('a GPIO is given by its BCM number, 0 to 53')
    .min(0, 'a GPIO is given by its BCM number, 0 to 53')
    .max(53, 'a GPIO is given by its BCM number, 0 to 53'),
  /** The change that fires. */
  edge: z.enum(['rising', 'falling']),
  /** The resistor inside the chip. */
  pull: z.enum(['up', 'down', 'none']),
  /** Reads the line the other way round: at ground it counts as high, so that its falling is `rising`. */
  active_low: z.boolean().default(false),
  ...triggerSettings,
};
