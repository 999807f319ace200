import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { durationSchema } from '../units';
import { cronSchema } from './calendar-timer';
import { isWithin, timeWindowSchema } from './time-window';
import { type Cause, type Trigger, triggerSettings } from './trigger';

/** The shortest interval, in milliseconds. */
const shortest = 100;

/** The longest delay that setTimeout can wait; with a longer one it fires at once. */
const longestDelay = 2 ** 31 - 1;

export const timerSettingsSchema = z
  .strictObject({
    type: z.literal('timer'),
    every: durationSchema.refine((every) => every >= shortest, 'a timer runs at most every 100ms').optional(),
    cron: cronSchema.optional(),
    /** Outside of these hours it does not fire. */
    between: timeWindowSchema.optional(),
    ...triggerSettings,
  })
  .refine(({ every, cron }) => (every === undefined) !== (cron === undefined), {
    message: 'a timer has either every, for example 30s, or cron, for example "0 8 * * 1-5"',
  });

export type TimerSettings = z.infer<typeof timerSettingsSchema>;

/**
 * Fires at the start, and then every so often at multiples of the interval, within its hours. It does not drift, and
 * what it missed (the machine slept) it does not make up for.
 */
export class TimerTrigger implements Trigger {
  private readonly settings: TimerSettings;
  private readonly now: () => number;
  private interval: number;
  private enabled = true;
  private fire: ((cause: Cause) => void) | undefined;
  private next = 0;
  private timeout: NodeJS.Timeout | undefined;

  /** @param now a clock that never jumps, in milliseconds */
  constructor(settings: TimerSettings & { every: number }, now: () => number = () => performance.now()) {
    this.settings = settings;
    this.interval = settings.every;
    this.now = now;
  }

  async start(fire: (cause: Cause) => void): Promise<void> {
    this.fire = fire;
    this.begin();
    // At once, so that whoever starts the agent sees that it works and is not left without a picture for an hour.
    if (this.enabled) this.tick();
  }

  async stop(): Promise<void> {
    this.fire = undefined;
    clearTimeout(this.timeout);
  }

  /** Changes the interval, in milliseconds (at least 100); the next fire comes one interval from now. */
  setInterval(interval: number): void {
    this.interval = Math.max(interval, shortest);
    this.begin();
  }

  /** Switches it on or off; switched on, it fires one interval from now. */
  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.begin();
  }

  private begin(): void {
    clearTimeout(this.timeout);
    if (this.fire === undefined || !this.enabled) return;
    this.next = this.now() + this.interval;
    this.wait();
  }

  private wait(): void {
    const delay = Math.min(Math.max(this.next - this.now(), 0), longestDelay);
    this.timeout = setTimeout(() => this.wake(), delay);
  }

  private wake(): void {
    const late = this.now() - this.next;
    // Below zero this was a part of a long wait, or setTimeout was a moment early.
    if (late >= 0) this.next += this.interval * (1 + Math.floor(late / this.interval));
    this.wait();
    if (late >= 0) this.tick();
  }

  private tick(): void {
    const { name = 'timer', between } = this.settings;
    if (isWithin(between, new Date())) this.fire?.({ trigger: 'timer', triggerSource: name });
  }
}
