import { computed, shallowReactive } from 'vue';
import { addHours, emptyHour, type Hour, hourLength, hourTotal } from './hour-totals';
import type { ImageList } from './image-list';
import type { CameraHour } from './messages';
import type { GalleryServer } from './server';
import { startOfDay } from './words';

/** How long the statistics rest after they were asked for, in milliseconds: a burst of images asks once. */
const restMilliseconds = 5000;

/** What a day did: 24 hours (23 or 25 when the clocks change) and their totals. */
export interface Day extends Hour {
  hours: Hour[];
  /** Whether motion and light are known of its images, not only how many there are. */
  known: boolean;
}

/**
 * What the days held. The numbers of images are those that the grid has room for, and so are right at once when one comes
 * or goes. An hour whose images are all loaded tells its motion and light itself; of all others the server tells.
 */
export interface DayStatistics {
  /** How many images of an hour match the filter; null while that is not known. */
  imagesOf(hour: number): number | null;
  /** What matches the filter in a day, by its start in unix milliseconds. */
  day(start: number): Day;
  /** What the chosen cameras did that day, whatever else the filter says. */
  wholeDay(start: number): Day;
  /** Asks once for the days from one to another, by their starts. */
  want(first: number, last?: number): void;
  /** Says that a day's numbers have changed; they are asked for again soon. */
  changed(day: number): void;
  /** Forgets everything and counts this camera from now on; empty for all. `filtered`: the list shows a part of it. */
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
    void list.timeline.value;
    void list.held.value;
    return new Map<number, Hour | null>();
  });

  const ofHour = (hour: number) => list.timeline.value.between(hour, hour + hourLength - 1);
  const heldOf = (hour: number) =>
    list.held.value.filter(({ capturedAt }) => capturedAt >= hour && capturedAt < hour + hourLength);

  /** Until all are counted only the newest are known of. */
  function isCounted(hour: number): boolean {
    return list.complete.value || hour >= (list.timeline.value.stretches.at(-1)?.from ?? Number.POSITIVE_INFINITY);
  }

  function imagesOf(hour: number): number | null {
    return isCounted(hour) ? ofHour(hour).reduce((sum, { count }) => sum + count, heldOf(hour).length) : null;
  }

  /** An hour as its images tell; null if they are not all loaded. */
  function countLoaded(hour: number): Hour | null {
    const stretches = ofHour(hour);
    if (!isCounted(hour) || stretches.some(({ images }) => images === null)) return null;
    return hourTotal(hour, [...heldOf(hour), ...stretches.flatMap(({ images }) => images ?? [])]);
  }

  function counted(hour: number): Hour | null {
    const known = loaded.value.get(hour);
    if (known !== undefined) return known;
    const total = countLoaded(hour);
    loaded.value.set(hour, total);
    return total;
  }

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
    imagesOf,
    day(start) {
      const fromServer = filtered ? undefined : told.get(start);
      const hours = hoursOf(start).map((hour, at) => {
        const known = counted(hour) ?? fromServer?.[at];
        const images = imagesOf(hour) ?? known?.images ?? 0;
        return { known: known !== undefined, total: { ...(known ?? emptyHour(hour)), images } };
      });
      return {
        ...sum(
          start,
          hours.map(({ total }) => total),
        ),
        known: hours.every(({ known }) => known),
      };
    },
    wholeDay(start) {
      const fromServer = told.get(start);
      return sum(
        start,
        hoursOf(start).map((hour, at) => (filtered ? null : counted(hour)) ?? fromServer?.[at] ?? emptyHour(hour)),
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
  return { ...addHours(start, hours), hours, known: true };
}
