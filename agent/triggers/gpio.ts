import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { GpioLine, Pull } from '../gpio/gpio-line';
import { durationSchema } from '../units';
import { EdgeGate } from './edge-gate';
import { burstSchema, type Cause, type Trigger } from './trigger';

/** A line by its BCM number, which is what `GPIO17` means, not the position of the pin. */
export const gpioNumberSchema = z
  .number()
  .int()
  .min(0, 'a GPIO is given by its BCM number, 0 to 53')
  .max(53, 'a GPIO is given by its BCM number, 0 to 53');

const edgeSchema = z.enum(['rising', 'falling']);
const pullSchema = z.enum(['up', 'down', 'none']);
/** How an image's `trigger_source` calls the line; `gpio17` if it is not given. */
export const triggerSourceSchema = z.string().min(1).max(64).optional();

/** A push button; by default between the line and ground, with the chip's pull-up resistor. */
export const buttonSettingsSchema = z.strictObject({
  type: z.literal('button'),
  gpio: gpioNumberSchema,
  name: triggerSourceSchema,
  edge: edgeSchema.default('falling'),
  /** By default the one that the edge moves away from. */
  pull: pullSchema.optional(),
  debounce: durationSchema.prefault('30ms'),
  cooldown: durationSchema.prefault('1s'),
  burst: burstSchema,
});

/** Anything else that raises or lowers a line: a sound sensor, a door contact, a relay. */
export const gpioSettingsSchema = z.strictObject({
  type: z.literal('gpio'),
  gpio: gpioNumberSchema,
  name: triggerSourceSchema,
  edge: edgeSchema.default('rising'),
  pull: pullSchema.default('none'),
  debounce: durationSchema.prefault('50ms'),
  cooldown: durationSchema.prefault('10s'),
  burst: burstSchema,
});

export type ButtonSettings = z.infer<typeof buttonSettingsSchema>;
export type GpioSettings = z.infer<typeof gpioSettingsSchema>;

/** Fires when a button is pressed, or when a line goes to the level that its settings name. */
export class GpioTrigger implements Trigger {
  private readonly settings: ButtonSettings | GpioSettings;
  private readonly line: GpioLine;
  private readonly now: () => number;

  /** @param now a clock that never jumps, in milliseconds */
  constructor(settings: ButtonSettings | GpioSettings, line: GpioLine, now: () => number = () => performance.now()) {
    this.settings = settings;
    this.line = line;
    this.now = now;
  }

  async start(fire: (cause: Cause) => void): Promise<void> {
    const { type, gpio, edge, name = `gpio${gpio}` } = this.settings;
    let gate: EdgeGate | undefined;
    const level = await this.line.open(this.pull(), (told) => {
      if (gate?.fires(told, this.now())) fire({ trigger: type, triggerSource: name });
    });
    gate = new EdgeGate({ ...this.settings, edge }, level);
  }

  async stop(): Promise<void> {
    await this.line.close();
  }

  private pull(): Pull {
    return this.settings.pull ?? (this.settings.edge === 'falling' ? 'up' : 'down');
  }
}
