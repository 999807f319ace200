import { type DayStatistics, nextDay } from './day-statistics';
import { addHours } from './hour-totals';
import { counted, dayName, hourAndMinute, luxWords, monthName, shortRange, startOfDay } from './words';

/** How much time the strip shows, from the shortest. */
export const zooms = ['day', 'week', 'month'] as const;
export type Zoom = (typeof zooms)[number];

/** How many hours a bar stands for, at the most: a bar never spans two days. */
export const hoursPerBar: Record<Zoom, number> = { day: 1, week: 3, month: 25 };

/** A bar of the strip. Times are unix milliseconds, `lux` is the mean. */
export interface Span {
  start: number;
  /** The last millisecond in it. */
  last: number;
  images: number;
  lux: number | null;
}

/** The calendar's day, week (from Monday on) or month around a time, as the starts of its days and its end. */
export function stripRange(zoom: Zoom, time: number): { days: number[]; start: number; end: number } {
  const first = new Date(startOfDay(time));
  if (zoom === 'week') first.setDate(first.getDate() - ((first.getDay() + 6) % 7));
  if (zoom === 'month') first.setDate(1);
  const after = new Date(first);
  if (zoom === 'month') after.setMonth(after.getMonth() + 1);
  else after.setDate(after.getDate() + (zoom === 'week' ? 7 : 1));
  const [start, end] = [first.getTime(), after.getTime()];
  const days: number[] = [];
  for (let day = start; day < end; day = nextDay(day)) days.push(day);
  return { days, start, end };
}

/** The bars of these days. */
export function stripSpans(zoom: Zoom, days: readonly number[], statistics: DayStatistics): Span[] {
  return days.flatMap((day) => {
    const { hours } = statistics.wholeDay(day);
    const spans: Span[] = [];
    for (let first = 0; first < hours.length; first += hoursPerBar[zoom]) {
      const start = hours[first]?.start ?? day;
      const next = hours[first + hoursPerBar[zoom]]?.start ?? nextDay(day);
      const { images, lux } = addHours(start, hours.slice(first, first + hoursPerBar[zoom]));
      spans.push({ start, last: next - 1, images, lux });
    }
    return spans;
  });
}

/** What the strip shows: `Today`, `16 to 22 Nov`, `November 2026`. */
export function stripName(zoom: Zoom, { start, end }: { start: number; end: number }, now: number): string {
  if (zoom === 'day') return dayName(start, now);
  return zoom === 'month' ? monthName(start) : shortRange(start, end - 1, now);
}

/** What a bar says: `10:00 · 63 images · 8,130 lx`, with its day where the strip shows several. */
export function spanWords(zoom: Zoom, { start, images, lux }: Span, now: number): string {
  const day = zoom === 'day' ? [] : [dayName(start, now)];
  const hour = zoom === 'month' ? [] : [hourAndMinute(start)];
  return [[...day, ...hour].join(' '), counted(images, 'image'), ...(lux === null ? [] : [luxWords(lux)])].join(' · ');
}
