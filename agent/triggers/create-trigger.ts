import type { Logger } from 'pino';
import type { TriggerSettings } from '../config';
import { OnoffLine } from '../gpio/onoff-line';
import { GpioTrigger } from './gpio';
import { PirTrigger } from './pir';
import { TimerTrigger } from './timer';
import type { Trigger } from './trigger';

/** Builds the trigger that its settings describe; a motion sensor tells `onMotion` when motion begins and ends. */
export function createTrigger(settings: TriggerSettings, onMotion: (on: boolean) => void, log: Logger): Trigger {
  const warn = (message: string) => log.warn(message);
  switch (settings.type) {
    case 'timer':
      return new TimerTrigger(settings);
    case 'pir':
      return new PirTrigger(settings, new OnoffLine(settings.gpio, warn), onMotion);
    case 'button':
    case 'gpio':
      return new GpioTrigger(settings, new OnoffLine(settings.gpio, warn));
  }
}
