import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { GpioLine } from '../gpio/gpio-line';
import { durationSchema } from '../units';
import { EdgeWatch } from './edge-watch';
import { lineSettings } from './line-settings';
import type { Cause, Trigger } from './trigger';

/** A push button; by default between the line and ground, with the chip's pull-up resistor. */
export const buttonSettingsSchema = z.strictObject({
  type: z.literal('button'),
  ...lineSettings,
  /** By default the one to ground, whichever way round the line is read. */
  edge: lineSettings.edge.optional(),
  /** By default the one that the edge moves away from. */
  pull: lineSettings.pull.optional(),
  debounce: durationSchema.prefault('30ms'),
  cooldown: durationSchema.prefault('1s'),
});

/** Anything else that raises or lowers a line: a sound sensor, a door contact, a relay. */
export const gpioSettingsSchema = z.strictObject({
  type: z.literal('gpio'),
  ...lineSettings,
  edge: lineSettings.edge.default('rising'),
  pull: lineSettings.pull.default('none'),
  debounce: durationSchema.prefault('50ms'),
  cooldown: durationSchema.prefault('10s'),
});

export type ButtonSettings = z.infer<typeof buttonSettingsSchema>;
export type GpioSettings = z.infer<typeof gpioSettingsSchema>;

/** Fires when a button is pressed, or when a line goes to the level that its settings name. */
export class GpioTrigger implements Trigger {
  private readonly settings: ButtonSettings | GpioSettings;
  private readonly line: GpioLine;
  private readonly now: () => number;
  private watch: EdgeWatch | undefined;

  /** @param now a clock that never jumps, in milliseconds */
  constructor(settings: ButtonSettings | GpioSettings, line: GpioLine, now: () => number = () => performance.now()) {
    this.settings = settings;
    this.line = line;
    this.now = now;
  }

  async start(fire: (cause: Cause) => void): Promise<void> {
    const { type, gpio, active_low, debounce, cooldown, name = `gpio${gpio}` } = this.settings;
    const { edge = active_low ? 'rising' : 'falling' } = this.settings;
    // Read the other way round, a line that rises leaves 3.3 V.
    const { pull = (edge === 'rising') === active_low ? 'up' : 'down' } = this.settings;
    const level = await this.line.open(pull, (told) => this.watch?.receive(told));
    const onFire = () => fire({ trigger: type, triggerSource: name });
    this.watch = new EdgeWatch({ edge, debounce, cooldown }, level, onFire, this.now);
  }

  async stop(): Promise<void> {
    this.watch?.stop();
    this.watch = undefined;
    await this.line.close();
  }
}
