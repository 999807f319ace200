import { computed, shallowReactive } from 'vue';
import { addHours, emptyHour, type Hour, hourLength, hourTotal, startOfHour } from './hour-totals';
import type { ImageList } from './image-list';
import type { CameraHour } from './messages';
import type { GalleryServer } from './server';
import { startOfDay } from './words';

/** How long the statistics rest after they were asked for, in milliseconds: a burst of images asks once. */
const restMilliseconds = 5000;

/** What a day did: 24 hours (23 or 25 when the clocks change) and their totals. */
export interface Day extends Hour {
  hours: Hour[];
  /** Whether there may be more that match the filter than have been counted. */
  counting: boolean;
}

/**
 * What the days held. An hour whose images are all loaded is counted from them, and so is right at once when one comes
 * or goes; of all others the server tells.
 */
export interface DayStatistics {
  /** A day by its start in unix milliseconds. Undefined while nothing is known of it. */
  day(start: number): Day | undefined;
  /** What the chosen cameras did that day, whatever else the filter says. */
  wholeDay(start: number): Day;
  /** Asks once for the days from one to another, by their starts. */
  want(first: number, last?: number): void;
  /** Says that a day's numbers have changed; they are asked for again soon. */
  changed(day: number): void;
  /** Forgets everything and counts this camera from now on; empty for all. `filtered`: the list holds a part of it. */
  choose(camera: string, filtered: boolean): void;
}

/** Statistics of this server's images. `report` is told what goes wrong. */
export function createDayStatistics(
  server: GalleryServer,
  list: ImageList,
  report: (error: unknown) => void,
): DayStatistics {
  const told = shallowReactive(new Map<number, Hour[]>());
  const asked = new Set<number>();
  const due = new Set<number>();
  let camera = '';
  let filtered = false;

  const loaded = computed(() => {
    // A change of these is a change of what is counted; each hour is, when somebody asks for it.
    void list.held.value;
    const newest = list.images.value[0];
    const oldest = list.images.value.at(-1);
    const ready = list.status.value === 'ready';
    return {
      hours: new Map<number, Hour>(),
      // The hours from `after` on and before `before` are loaded in full.
      after: !ready
        ? Number.POSITIVE_INFINITY
        : !list.hasOlder.value || !oldest
          ? 0
          : startOfHour(oldest.capturedAt) + 1,
      before: list.reachesNow.value || !newest ? Number.POSITIVE_INFINITY : startOfHour(newest.capturedAt),
    };
  });
  const isLoaded = (hour: number) => hour >= loaded.value.after && hour < loaded.value.before;
  const counted = (hour: number) => {
    const { hours } = loaded.value;
    const total = hours.get(hour) ?? hourTotal(hour, list.held.value, list.images.value);
    hours.set(hour, total);
    return total;
  };

  async function load(first: number, last: number): Promise<void> {
    const ofCamera = camera;
    const hours = await server.statistics({ camera, from: first, to: nextDay(last) - 1 });
    if (ofCamera !== camera) return;
    for (let day = first; day <= last; day = nextDay(day)) told.set(day, split(day, hours));
  }

  function changed(day: number): void {
    if (!asked.has(day) || due.has(day)) return;
    due.add(day);
    setTimeout(() => {
      due.delete(day);
      load(day, day).catch(report);
    }, restMilliseconds);
  }

  return {
    day(start) {
      const starts = hoursOf(start);
      if (filtered) return { ...sum(start, starts.map(counted)), counting: !starts.every(isLoaded) };
      const fromServer = told.get(start);
      if (fromServer === undefined && !starts.every(isLoaded)) return undefined;
      return sum(
        start,
        starts.map((hour, at) => (isLoaded(hour) ? counted(hour) : (fromServer?.[at] ?? emptyHour(hour)))),
      );
    },
    wholeDay(start) {
      const fromServer = told.get(start);
      return sum(
        start,
        hoursOf(start).map((hour, at) =>
          !filtered && isLoaded(hour) ? counted(hour) : (fromServer?.[at] ?? emptyHour(hour)),
        ),
      );
    },
    want(first, last = first) {
      const days: number[] = [];
      for (let day = first; day <= last; day = nextDay(day)) if (!asked.has(day)) days.push(day);
      const [from, to] = [days[0], days.at(-1)];
      if (from === undefined || to === undefined) return;
      for (const day of days) asked.add(day);
      load(from, to).catch((error) => {
        for (const day of days) asked.delete(day);
        report(error);
      });
    },
    changed,
    choose(ofCamera, isFiltered) {
      camera = ofCamera;
      filtered = isFiltered;
      asked.clear();
      told.clear();
    },
  };
}

/** The start of the day after. */
export function nextDay(day: number): number {
  return startOfDay(day + 36 * hourLength);
}

/** The starts of a day's hours. */
function hoursOf(day: number): number[] {
  return Array.from({ length: Math.round((nextDay(day) - day) / hourLength) }, (_, hour) => day + hour * hourLength);
}

/** An hour of the server can begin at half past ours: it counts for the hour that it begins in. */
function split(day: number, cameraHours: readonly CameraHour[]): Hour[] {
  return hoursOf(day).map((start) =>
    addHours(
      start,
      cameraHours.filter(({ hour }) => hour >= start && hour < start + hourLength),
    ),
  );
}

function sum(start: number, hours: Hour[]): Day {
  return { ...addHours(start, hours), hours, counting: false };
}
