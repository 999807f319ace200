import { type ShallowReactive, shallowReactive } from 'vue';
import type { CameraHour } from './messages';
import type { GalleryServer } from './server';
import { startOfDay } from './words';

const hourLength = 3_600_000;
/** How long the statistics rest after they were asked for, in milliseconds: a burst of images asks once. */
const restMilliseconds = 5000;

/** What all chosen cameras did in an hour. `lux` is the mean; null where no camera can tell. */
export interface Hour {
  start: number;
  images: number;
  lux: number | null;
}

/** What a day did: 24 hours (23 or 25 when the clocks change) and their totals. */
export interface Day {
  start: number;
  hours: Hour[];
  images: number;
  motion: number;
  luxMin: number | null;
  luxMax: number | null;
}

/** The days' statistics, as far as they have been asked for. */
export interface DayStatistics {
  /** The days by their start in unix milliseconds. */
  days: ShallowReactive<Map<number, Day>>;
  /** Asks for a day once. */
  want(day: number): void;
  /** Says that a day's numbers have changed; they are asked for again soon. */
  changed(day: number): void;
  /** Forgets everything and counts this camera from now on; empty for all. */
  choose(camera: string): void;
}

/** Statistics of this server's images. `report` is told what goes wrong. */
export function createDayStatistics(server: GalleryServer, report: (error: unknown) => void): DayStatistics {
  const days: DayStatistics['days'] = shallowReactive(new Map());
  const asked = new Set<number>();
  const due = new Set<number>();
  let camera = '';

  async function load(day: number): Promise<void> {
    const ofCamera = camera;
    const hours = await server.statistics({ camera, from: day, to: nextDay(day) - 1 });
    if (ofCamera === camera) days.set(day, sum(day, hours));
  }

  function changed(day: number): void {
    if (!asked.has(day) || due.has(day)) return;
    due.add(day);
    setTimeout(() => {
      due.delete(day);
      load(day).catch(report);
    }, restMilliseconds);
  }

  return {
    days,
    want(day) {
      if (asked.has(day)) return;
      asked.add(day);
      load(day).catch((error) => {
        asked.delete(day);
        report(error);
      });
    },
    changed,
    choose(ofCamera) {
      camera = ofCamera;
      asked.clear();
      days.clear();
    },
  };
}

/** The start of the day after. */
export function nextDay(day: number): number {
  return startOfDay(day + 36 * hourLength);
}

/** A day of which nothing is known. */
export function emptyDay(start: number): Day {
  const count = Math.round((nextDay(start) - start) / hourLength);
  const hours = Array.from({ length: count }, (_, hour) => ({
    start: start + hour * hourLength,
    images: 0,
    lux: null,
  }));
  return { start, hours, images: 0, motion: 0, luxMin: null, luxMax: null };
}

function sum(start: number, cameraHours: CameraHour[]): Day {
  const day = emptyDay(start);
  for (const hour of day.hours) {
    // An hour of the server can begin at half past ours: it counts for the hour that it begins in.
    const parts = cameraHours.filter((part) => part.hour >= hour.start && part.hour < hour.start + hourLength);
    hour.images = total(parts.map((part) => part.images));
    const lit = parts.flatMap((part) => (part.lux === null ? [] : [{ lux: part.lux, images: part.images }]));
    if (lit.length > 0)
      hour.lux = total(lit.map((part) => part.lux * part.images)) / total(lit.map((part) => part.images));
    day.images += hour.images;
    day.motion += total(parts.map((part) => part.motion));
    day.luxMin = extreme(Math.min, day.luxMin, ...parts.map((part) => part.luxMin));
    day.luxMax = extreme(Math.max, day.luxMax, ...parts.map((part) => part.luxMax));
  }
  return day;
}

function total(numbers: number[]): number {
  return numbers.reduce((sofar, number) => sofar + number, 0);
}

function extreme(choose: (...values: number[]) => number, ...values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : choose(...known);
}
