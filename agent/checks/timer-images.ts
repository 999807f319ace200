import { cronParts } from '../triggers/calendar-timer';
import { isWithin, type TimeWindow } from '../triggers/time-window';
import type { TimerSettings } from '../triggers/timer';

const minute = 60_000;
const dayMinutes = 24 * 60;
const day = dayMinutes * minute;
const year = 366 * day;

/** How many images of a timer live at the same time, at the most, when each one lives for `ttl` milliseconds. */
export function imagesAtATime({ every, cron, between, burst }: TimerSettings, ttl: number): number {
  const fires = cron === undefined ? ticksWithin(every ?? ttl, between, ttl) : minutesWithin(cron, between, ttl);
  return Math.ceil(fires) * burst.count;
}

/** How often a timer with an interval fires in a span of time that lies best for it. */
function ticksWithin(every: number, between: TimeWindow | undefined, span: number): number {
  const open = between === undefined ? day : openMinutes(between) * minute;
  return (Math.floor(span / day) * open + Math.min(span % day, open)) / every;
}

function openMinutes({ from, to }: TimeWindow): number {
  return to > from ? to - from : to - from + dayMinutes;
}

/**
 * The same of a timer by the calendar. Its fires of two years are counted, so that one that only knows the summer is
 * right too; what lives for longer than a year is as many times as much.
 */
function minutesWithin(cron: string, between: TimeWindow | undefined, span: number): number {
  const counted = Math.min(span, year);
  const fires = firesUntil(cron, between, counted + year);
  let most = 0;
  for (let first = 0, next = 0; next < fires.length; next += 1) {
    while (((fires[next] ?? 0) - (fires[first] ?? 0)) * minute >= counted) first += 1;
    most = Math.max(most, next - first + 1);
  }
  return most * (span / counted);
}

/** The minutes of all fires from today's midnight on, as if each day had 24 hours. */
function firesUntil(cron: string, between: TimeWindow | undefined, end: number): number[] {
  const { namesTime, namesDay } = cronParts(cron);
  const now = new Date();
  const at = (days: number, minutes = 0) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 0, minutes);
  // A day of winter: on that of a change of the clocks an hour is missing.
  const times = Array.from({ length: dayMinutes }, (_, minutes) => minutes).filter((minutes) => {
    const time = new Date(2026, 0, 1, 0, minutes);
    return namesTime(time) && isWithin(between, time);
  });
  const days = Array.from({ length: Math.ceil(end / day) }, (_, days) => days).filter((days) => namesDay(at(days)));
  return days.flatMap((days) => times.map((minutes) => days * dayMinutes + minutes));
}
