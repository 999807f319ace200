import type { Image } from './messages';

const minute = 60_000;

/**
 * How long the stretches are that images are counted by, in milliseconds: hours, or less where the browser's zone is not
 * whole hours away from UTC, so that each lies within one hour of the clock on the wall.
 */
export const stepLength =
  ([60, 30, 15].find((minutes) => new Date().getTimezoneOffset() % minutes === 0) ?? 15) * minute;

/** How many images there are from `start` (unix milliseconds) on, until the next multiple of the length asked for. */
export interface Count {
  start: number;
  images: number;
}

/** Some time within a step, both ends included, and its images, newest first: null while only their number is known. */
export interface Stretch {
  from: number;
  to: number;
  count: number;
  images: readonly Image[] | null;
  /** Loaded before the connection was lost: to be loaded again once it is seen. */
  stale: boolean;
}

/** How long a stretch is, in milliseconds. */
export function lengthOf({ from, to }: Stretch): number {
  return to - from + 1;
}

/** The start of the step that a time lies in. */
export function startOfStep(time: number): number {
  return Math.floor(time / stepLength) * stepLength;
}

/** Images by the start of the step that each was captured in. */
export function groupByStep(images: readonly Image[]): Map<number, Image[]> {
  const steps = new Map<number, Image[]>();
  for (const image of images) {
    const start = startOfStep(image.capturedAt);
    const step = steps.get(start);
    if (step === undefined) steps.set(start, [image]);
    else step.push(image);
  }
  return steps;
}

/** What is left of a stretch before and after a time whose images are known to be these. */
export function outside(stretch: Stretch, from: number, to: number, known: readonly Image[]): Stretch[] {
  const parts = [
    { from: to + 1, to: stretch.to },
    { from: stretch.from, to: from - 1 },
  ].filter((part) => part.from <= part.to);
  if (stretch.images !== null) {
    return parts.map((part) => {
      const images = (stretch.images ?? []).filter(
        ({ capturedAt }) => capturedAt >= part.from && capturedAt <= part.to,
      );
      return { ...stretch, ...part, images, count: images.length };
    });
  }
  const inside = known.filter(({ capturedAt }) => capturedAt >= stretch.from && capturedAt <= stretch.to).length;
  const left = Math.max(0, stretch.count - inside);
  const [first, second] = parts;
  if (first === undefined || left === 0) return [];
  if (second === undefined) return [{ ...stretch, ...first, count: left }];
  const newer = Math.round((left * (first.to - first.from + 1)) / (lengthOf(stretch) - (to - from + 1)));
  return [
    { ...stretch, ...first, count: newer },
    { ...stretch, ...second, count: left - newer },
  ];
}

/** The stretches (newest first) of the step that begins at `start`, with as many images as the server has told. */
export function recount(start: number, stretches: readonly Stretch[], told: ReadonlyMap<number, number>): Stretch[] {
  const end = start + stepLength - 1;
  const known = stretches.filter(({ images }) => images !== null);
  const loaded = known.reduce((sum, { count }) => sum + count, 0);
  const target = Math.max(0, (told.get(start) ?? 0) - loaded);
  if (target === 0) return loaded > 0 ? known : [];
  const unknown = stretches.filter(({ images }) => images === null);
  if (unknown.length === 0) {
    // Only what lies before, or after, the loaded ones was never looked at.
    const oldest = stretches.at(-1)?.from ?? end + 1;
    const newest = stretches[0]?.to ?? end;
    const gap = { count: target, images: null, stale: false };
    if (oldest > start) return [...stretches, { ...gap, from: start, to: oldest - 1 }];
    return newest < end ? [{ ...gap, from: newest + 1, to: end }, ...stretches] : [...stretches];
  }
  let difference = target - unknown.reduce((sum, { count }) => sum + count, 0);
  const changed = stretches.toReversed().map((stretch) => {
    if (stretch.images !== null || difference === 0) return stretch;
    const count = Math.max(0, stretch.count + difference);
    difference -= count - stretch.count;
    return { ...stretch, count };
  });
  return changed.toReversed().filter(({ count, images }) => count > 0 || images !== null);
}
