import type { Logger } from 'pino';
import type { TriggerSettings } from '../config';
import { createLine, type GpioBackend } from '../gpio/create-line';
import { CalendarTimer } from './calendar-timer';
import { GpioTrigger } from './gpio';
import { PirTrigger } from './pir';
import { TimerTrigger } from './timer';
import type { Trigger } from './trigger';

/** Builds the trigger that its settings describe; a motion sensor tells `onMotion` when motion begins and ends. */
export function createTrigger(
  settings: TriggerSettings,
  backend: GpioBackend,
  onMotion: (on: boolean) => void,
  log: Logger,
): Trigger {
  switch (settings.type) {
    case 'timer': {
      const { every, cron } = settings;
      if (every !== undefined) return new TimerTrigger({ ...settings, every });
      if (cron !== undefined) return new CalendarTimer({ ...settings, cron });
      throw new TypeError('a timer has either every or cron');
    }
    case 'pir':
      return new PirTrigger(settings, createLine(settings, backend, log), onMotion);
    case 'button':
    case 'gpio':
      return new GpioTrigger(settings, createLine(settings, backend, log));
  }
}
