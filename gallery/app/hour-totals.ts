import type { Image } from './messages';

export const hourLength = 3_600_000;

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

/** What these images say of the hour that begins at `start`. */
export function hourTotal(start: number, images: readonly Image[]): Hour {
  const hour = emptyHour(start);
  let light = 0;
  let measured = 0;
  for (const { trigger, lux } of images) {
    hour.images++;
    if (trigger === 'motion') hour.motion++;
    if (lux === null) continue;
    light += lux;
    measured++;
    hour.luxMin = Math.min(hour.luxMin ?? lux, lux);
    hour.luxMax = Math.max(hour.luxMax ?? lux, lux);
  }
  if (measured > 0) hour.lux = light / measured;
  return hour;
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
