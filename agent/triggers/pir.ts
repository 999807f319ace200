import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { GpioLine, Level } from '../gpio/gpio-line';
import { durationSchema } from '../units';
import { EdgeWatch } from './edge-watch';
import { lineSettings } from './line-settings';
import type { Cause, Trigger } from './trigger';

/** The longest delay of a repeat, in milliseconds: more than setTimeout can wait fires at once. */
const longestRepeat = 86_400_000;

/** A passive infrared motion sensor such as the HC-SR501, which drives its line high while it sees motion. */
export const pirSettingsSchema = z.strictObject({
  type: z.literal('pir'),
  ...lineSettings,
  edge: lineSettings.edge.default('rising'),
  pull: lineSettings.pull.default('none'),
  /** Such a sensor tells nonsense for about a minute after it gets power (data sheet of the HC-SR501). */
  warm_up: durationSchema.refine((time) => time <= 3_600_000, 'a warm-up takes at most 1h').prefault('60s'),
  /** A sensor drives its line: nothing bounces, but a long cable picks up spikes. */
  debounce: durationSchema.prefault('30ms'),
  cooldown: durationSchema.prefault('10s'),
  /** How often it fires again while motion goes on; by default it does not. */
  repeat: durationSchema
    .refine((repeat) => repeat >= 1000 && repeat <= longestRepeat, 'a repeat comes at least 1s and at most 1d later')
    .optional(),
});

export type PirSettings = z.infer<typeof pirSettingsSchema>;

/** How long motion is told to be on or off at least, in milliseconds, so that a noisy line can't flood the broker. */
const holdTime = 1000;

/** Fires when a PIR sensor begins to see motion, and tells whether it sees any. */
export class PirTrigger implements Trigger {
  private readonly settings: PirSettings;
  private readonly line: GpioLine;
  private readonly onMotion: (on: boolean) => void;
  private readonly now: () => number;
  private watch: EdgeWatch | undefined;
  private fire: ((cause: Cause) => void) | undefined;
  private motion = false;
  private told = false;
  /** Until it is over, motion is not told. */
  private hold: NodeJS.Timeout | undefined;
  private repeat: NodeJS.Timeout | undefined;

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
    const { edge, debounce, cooldown, warm_up, pull } = this.settings;
    const warmAt = this.now() + warm_up;
    const level = await this.line.open(pull, (told) => this.receive(told));
    this.fire = fire;
    this.watch = new EdgeWatch({ edge, debounce, cooldown }, level, () => this.capture(), this.now, warmAt);
    if (warm_up > 0) this.hold = setTimeout(() => this.tell(), warm_up);
    this.see(level);
  }

  async stop(): Promise<void> {
    this.fire = undefined;
    clearTimeout(this.hold);
    clearTimeout(this.repeat);
    this.watch?.stop();
    await this.line.close();
  }

  private receive(level: Level): void {
    if (this.fire === undefined) return;
    this.see(level);
    this.watch?.receive(level);
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
    if (this.told && this.repeat === undefined) this.repeatLater();
    this.onMotion(this.told);
  }

  private capture(): void {
    const { gpio, name = `gpio${gpio}` } = this.settings;
    this.repeatLater();
    this.fire?.({ trigger: 'motion', triggerSource: name });
  }

  /** Fires again after the time to repeat, if there is motion then. */
  private repeatLater(): void {
    const { repeat } = this.settings;
    if (repeat === undefined) return;
    clearTimeout(this.repeat);
    this.repeat = setTimeout(() => {
      this.repeat = undefined;
      if (!this.told) return;
      this.watch?.rest();
      this.capture();
    }, repeat);
  }
}
