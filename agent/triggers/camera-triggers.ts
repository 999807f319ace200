import type { Logger } from 'pino';
import { messageOf } from '../../core/luxcam-error';
import type { CaptureRequest } from '../capture-service';
import type { TriggerSettings } from '../config';
import type { GpioBackend } from '../gpio/create-line';
import { CalendarTimer } from './calendar-timer';
import { createTrigger } from './create-trigger';
import { TimerTrigger } from './timer';
import type { Trigger } from './trigger';

export interface CameraTriggersParts {
  settings: TriggerSettings[];
  backend: GpioBackend;
  /** Takes a picture or several. */
  request: (request: CaptureRequest) => void;
  /** Is told when a motion sensor begins and ends to see motion. */
  onMotion: (on: boolean) => void;
  log: Logger;
}

/** What can be changed of a camera's timers at run time. */
export interface TimerControl {
  /** In seconds; of the first timer that has `every`. */
  interval: number | null;
  /** Of all timers. */
  timer: 'ON' | 'OFF';
}

/** Everything that makes one camera take pictures by itself. One that can't start is logged and keeps no other back. */
export class CameraTriggers {
  private readonly parts: CameraTriggersParts;
  private readonly triggers: Trigger[];
  private running: Trigger[] = [];
  private control: TimerControl | undefined;

  constructor(parts: CameraTriggersParts) {
    this.parts = parts;
    this.triggers = parts.settings.map((settings) =>
      createTrigger(settings, parts.backend, (on) => parts.onMotion(on), parts.log),
    );
  }

  /** Starts them one after the other. */
  async start(): Promise<void> {
    for (const [index, settings] of this.parts.settings.entries()) {
      const trigger = this.triggers[index];
      if (trigger !== undefined) await this.startTrigger(trigger, settings);
    }
  }

  /** Stops them and releases their lines. Never throws. */
  async stop(): Promise<void> {
    await Promise.all(this.running.map((trigger) => trigger.stop()));
  }

  /** Sets the timers, as far as they are not so already. */
  apply({ interval, timer }: TimerControl): void {
    const first = this.triggers.find((trigger) => trigger instanceof TimerTrigger);
    if (interval !== null && interval !== this.control?.interval) first?.setInterval(interval * 1000);
    if (timer !== this.control?.timer)
      for (const trigger of this.triggers)
        if (trigger instanceof TimerTrigger || trigger instanceof CalendarTimer) trigger.setEnabled(timer === 'ON');
    this.control = { interval, timer };
  }

  private async startTrigger(trigger: Trigger, settings: TriggerSettings): Promise<void> {
    const { request, log } = this.parts;
    const { burst, meta, ttl } = settings;
    const wish = { burst: burst.count, burstEvery: burst.every, transaction: null, meta };
    try {
      await trigger.start((cause) => request({ ...cause, ...wish, ...(ttl !== undefined && { ttl: ttl / 1000 }) }));
      this.running.push(trigger);
    } catch (error) {
      log.error({ trigger: settings.type }, `trigger not started: ${messageOf(error)}`);
    }
  }
}
