import type { Cron } from 'croner';
import { z } from 'zod';
import { messageOf } from '../../core/luxcam-error';
import { isWithin } from './time-window';
import type { TimerSettings } from './timer';
import type { Cause, Trigger } from './trigger';

/** The five fields of cron: minute, hour, day of the month, month, day of the week. */
const mode = '5-part';

/** croner is an optional dependency, and a configuration is checked without waiting: it is loaded at its first use. */
function makeCron(pattern: string, onMinute?: (job: Cron) => void): Cron {
  let croner: typeof import('croner');
  try {
    croner = require('croner');
  } catch (cause) {
    throw new Error(
      "timers with cron need the npm package croner: run 'npm install croner' where luxcam is installed",
      {
        cause,
      },
    );
  }
  return onMinute ? new croner.Cron(pattern, { mode }, onMinute) : new croner.Cron(pattern, { mode });
}

/** Reads cron's five fields, such as `0 8 * * 1-5`: at 8:00 from Monday to Friday. */
export const cronSchema = z.string().superRefine((pattern, context) => {
  try {
    if (makeCron(pattern).nextRun() === null) throw new Error('it never comes');
  } catch (error) {
    const wanted = 'cron has five fields, minute hour day month weekday: for example "0 8 * * 1-5"';
    context.addIssue({ code: 'custom', message: `${messageOf(error)}: ${wanted}` });
  }
});

/** Which times of a day, and which days, a cron pattern names: it fires where both do. Both by the local clock. */
export function cronParts(pattern: string): { namesTime(time: Date): boolean; namesDay(day: Date): boolean } {
  // Names such as @daily stand for five fields.
  const [minute, hour, ...day] = (makeCron(pattern).getPattern() ?? pattern).trim().split(/\s+/);
  const times = makeCron(`${minute} ${hour} * * *`);
  const midnights = makeCron(`0 0 ${day.join(' ')}`);
  return {
    namesTime: (time) => times.match(time),
    namesDay: (time) => midnights.match(new Date(time.getFullYear(), time.getMonth(), time.getDate())),
  };
}

/** Fires at the minutes that a cron pattern names, by the local clock; what it missed it does not make up for. */
export class CalendarTimer implements Trigger {
  private readonly settings: TimerSettings & { cron: string };
  private enabled = true;
  private fire: ((cause: Cause) => void) | undefined;
  private job: Cron | undefined;

  constructor(settings: TimerSettings & { cron: string }) {
    this.settings = settings;
  }

  async start(fire: (cause: Cause) => void): Promise<void> {
    this.fire = fire;
    this.begin();
  }

  async stop(): Promise<void> {
    this.fire = undefined;
    this.job?.stop();
  }

  /** Switches it on or off. */
  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.begin();
  }

  private begin(): void {
    this.job?.stop();
    if (this.fire === undefined || !this.enabled) return;
    this.job = makeCron(this.settings.cron, (job) => this.wake(job));
  }

  private wake(job: Cron): void {
    const { name = 'timer', between } = this.settings;
    const now = new Date();
    const minute = new Date(now);
    minute.setSeconds(0, 0);
    // After a sleep, or when the clock was set, the minute that it waited for is long over.
    if (job.match(minute) && isWithin(between, now)) this.fire?.({ trigger: 'timer', triggerSource: name });
  }
}
