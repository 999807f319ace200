import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { GpioLine, Level } from '../gpio/gpio-line';
import { durationSchema } from '../units';
import { EdgeGate } from './edge-gate';
import { gpioNumberSchema, triggerSourceSchema } from './gpio';
import { burstSchema, type Cause, type Trigger } from './trigger';

/** A passive infrared motion sensor such as the HC-SR501, which drives its line high while it sees motion. */
export const pirSettingsSchema = z.strictObject({
  type: z.literal('pir'),
  gpio: gpioNumberSchema,
  name: triggerSourceSchema,
  edge: z.enum(['rising', 'falling']).default('rising'),
  /** Such a sensor tells nonsense for about a minute after it gets power (data sheet of the HC-SR501). */
  warm_up: durationSchema.prefault('60s'),
  cooldown: durationSchema.prefault('10s'),
  burst: burstSchema,
});

export type PirSettings = z.infer<typeof pirSettingsSchema>;

/** A sensor drives its line: nothing bounces, but a long cable picks up spikes. */
const debounce = 30;

/** How long motion is told to be on or off at least, in milliseconds, so that a noisy line can't flood the broker. */
const holdTime = 1000;

/** Fires when a PIR sensor begins to see motion, and tells whether it sees any. */
export class PirTrigger implements Trigger {
  private readonly settings: PirSettings;
  private readonly line: GpioLine;
  private readonly onMotion: (on: boolean) => void;
  private readonly now: () => number;
  private motion = false;
  private told = false;
  private hold: NodeJS.Timeout | undefined;

  /**
   * @param onMotion is told each time motion begins or ends
   * @param now a clock that never jumps, in milliseconds
   */
  constructor(
    settings: PirSettings,
    line: GpioLine,
    onMotion: (on: boolean) => void,
    now: () => number = () => performance.now(),
  ) {
    this.settings = settings;
    this.line = line;
    this.onMotion = onMotion;
    this.now = now;
  }

  async start(fire: (cause: Cause) => void): Promise<void> {
    const { gpio, edge, cooldown, warm_up, name = `gpio${gpio}` } = this.settings;
    const warmAt = this.now() + warm_up;
    let gate: EdgeGate | undefined;
    const level = await this.line.open('none', (told) => {
      const fires = gate?.fires(told, this.now());
      if (this.now() >= warmAt) this.see(told);
      if (fires) fire({ trigger: 'motion', triggerSource: name });
    });
    gate = new EdgeGate({ edge, debounce, cooldown }, level, warmAt);
  }

  async stop(): Promise<void> {
    clearTimeout(this.hold);
    this.hold = undefined;
    await this.line.close();
  }

  private see(level: Level): void {
    this.motion = level === (this.settings.edge === 'rising' ? 1 : 0);
    if (this.hold === undefined) this.tell();
  }

  private tell(): void {
    this.hold = undefined;
    if (this.motion === this.told) return;
    this.told = this.motion;
    this.hold = setTimeout(() => this.tell(), holdTime);
    this.onMotion(this.told);
  }
}
