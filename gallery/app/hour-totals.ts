import type { Image } from './messages';

/** What all chosen cameras did in an hour. `lux` is the mean; null where no camera can tell. */
export interface Hour {
  /** Unix milliseconds. */
  start: number;
  images: number;
  /** How many of them a motion sensor started. */
  motion: number;
  lux: number | null;
  luxMin: number | null;
  luxMax: number | null;
}

/** An hour in which nothing happened. */
export function emptyHour(start: number): Hour {
  return { start, images: 0, motion: 0, lux: null, luxMin: null, luxMax: null };
}

/** Hours by their start. It asks the calendar once an hour, not once an image, so that 100,000 take milliseconds. */
export function hourTotals(...lists: (readonly Image[])[]): ReadonlyMap<number, Hour> {
  const hours = new Map<number, { hour: Hour; light: number; measured: number }>();
  for (const images of lists) {
    let sum = { hour: emptyHour(Number.POSITIVE_INFINITY), light: 0, measured: 0 };
    for (const { capturedAt, trigger, lux } of images) {
      if (capturedAt < sum.hour.start) {
        const start = startOfHour(capturedAt);
        sum = hours.get(start) ?? { hour: emptyHour(start), light: 0, measured: 0 };
        hours.set(start, sum);
      }
      const { hour } = sum;
      hour.images++;
      if (trigger === 'motion') hour.motion++;
      if (lux === null) continue;
      sum.measured++;
      sum.light += lux;
      hour.lux = sum.light / sum.measured;
      hour.luxMin = Math.min(hour.luxMin ?? lux, lux);
      hour.luxMax = Math.max(hour.luxMax ?? lux, lux);
    }
  }
  return new Map([...hours].map(([start, { hour }]) => [start, hour]));
}

/** The start of the hour that a time lies in, in the browser's zone. */
export function startOfHour(time: number): number {
  return new Date(time).setMinutes(0, 0, 0);
}

/** Several hours in one, which begins with the first of them. */
export function addHours(start: number, hours: readonly Pick<Hour, Exclude<keyof Hour, 'start'>>[]): Hour {
  const lit = hours.flatMap(({ lux, images }) => (lux === null ? [] : [{ light: lux * images, images }]));
  const measured = total(lit.map(({ images }) => images));
  return {
    start,
    images: total(hours.map(({ images }) => images)),
    motion: total(hours.map(({ motion }) => motion)),
    lux: measured === 0 ? null : total(lit.map(({ light }) => light)) / measured,
    luxMin: extreme(
      Math.min,
      hours.map(({ luxMin }) => luxMin),
    ),
    luxMax: extreme(
      Math.max,
      hours.map(({ luxMax }) => luxMax),
    ),
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sofar, number) => sofar + number, 0);
}

function extreme(choose: (...values: number[]) => number, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : choose(...known);
}
