import assert from 'node:assert/strict';
import { imagesAtATime } from '../../../agent/checks/timer-images';
import { timerSettingsSchema } from '../../../agent/triggers/timer';

const hour = 3_600_000;
const day = 24 * hour;

describe('the images of a timer that live at a time', () => {
  const cases: [string, object, number, number][] = [
    ['an interval', { every: '10s' }, hour, 360],
    ['an interval longer than the life', { every: '1h' }, hour / 2, 1],
    ['an interval in bursts', { every: '30s', burst: 3 }, hour, 360],
    ['hours of the day, for less than these', { every: '1m', between: '06:00-22:00' }, hour, 60],
    ['hours of the day, for a day', { every: '1m', between: '06:00-22:00' }, day, 960],
    ['hours of the night, for a week and an hour', { every: '1m', between: '22:00-06:00' }, 7 * day + hour, 3420],
    ['the whole day as hours', { every: '1h', between: '00:00-24:00' }, day, 24],
    ['noon, kept for a year', { cron: '0 12 * * *' }, 365 * day, 365],
    ['noon, kept for an hour', { cron: '0 12 * * *', burst: 2 }, hour, 2],
    ['noon, kept for ten years of 366 days', { cron: '0 12 * * *' }, 3660 * day, 3660],
    ['working days', { cron: '*/15 8-17 * * 1-5' }, 7 * day, 200],
    ['across midnight', { cron: '50-59,0-9 0,23 * * *' }, hour / 2, 20],
    ['a pattern within hours', { cron: '* * * * *', between: '08:00-09:00' }, 2 * day, 120],
    ['one month of the year', { cron: '0 * * 6 *' }, 365 * day, 720],
    ['a name', { cron: '@hourly' }, day, 24],
  ];
  for (const [what, settings, ttl, images] of cases)
    it(`are ${images} for ${what}`, () => {
      const timer = timerSettingsSchema.parse({ type: 'timer', ...settings });
      assert.equal(imagesAtATime(timer, ttl), images);
    });
});
