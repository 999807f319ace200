import type { Image } from './messages';
import { placeOf, placeOfTime } from './sorted-images';

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

/**
 * All images of a filter, newest first, of which only some are loaded: the others have a place because their number is
 * known. Time that no stretch covers holds no image, as far as is known. It never changes; what changes it makes another.
 */
export class Timeline {
  /** Newest first; none overlaps another. */
  readonly stretches: readonly Stretch[];
  readonly length: number;
  /** The place of each stretch's first image. */
  private readonly firsts: readonly number[];

  constructor(stretches: readonly Stretch[] = []) {
    let length = 0;
    this.stretches = stretches;
    this.firsts = stretches.map(({ count }) => {
      length += count;
      return length - count;
    });
    this.length = length;
  }

  /** The image at a place; undefined where it is not loaded, or there is none. */
  at(index: number): Image | undefined {
    const place = this.stretchAt(index);
    return this.stretches[place]?.images?.[index - this.first(place)];
  }

  /** The place of an image; -1 where it is not loaded. */
  indexOf(id: string): number {
    const time = Number(id.slice(id.lastIndexOf(':') + 1));
    const place = this.stretchOfTime(time);
    const at = placeOf(this.stretches[place]?.images ?? [], id);
    return at === -1 ? -1 : this.first(place) + at;
  }

  /** When the image at a place was captured, in unix milliseconds: about, where it is not loaded. 0 if there is none. */
  timeAt(index: number): number {
    const place = this.stretchAt(index);
    const stretch = this.stretches[place];
    if (stretch === undefined || index < 0) return 0;
    const within = index - this.first(place);
    return stretch.images?.[within]?.capturedAt ?? stretch.to - ((within + 0.5) / stretch.count) * length(stretch);
  }

  /** The place of the first image captured at this time or before: about, where it is not loaded. */
  indexOfTime(time: number): number {
    const place = this.stretchOfTime(time);
    const stretch = this.stretches[place];
    if (stretch === undefined) return this.length;
    if (stretch.to <= time) return this.first(place);
    const share = (stretch.to - time) / length(stretch);
    const within = stretch.images === null ? Math.floor(share * stretch.count) : placeOfTime(stretch.images, time);
    return this.first(place) + within;
  }

  /** The place of the stretch that holds the image at a place. */
  stretchAt(index: number): number {
    // Of those that begin at the same place the last one: all before it are empty.
    return search(this.stretches.length, (at) => this.first(at + 1) > index);
  }

  /** The place of the first stretch that is not newer than a time. */
  stretchOfTime(time: number): number {
    return search(this.stretches.length, (at) => (this.stretches[at]?.from ?? 0) <= time);
  }

  /** The place of a stretch's first image. */
  first(stretch: number): number {
    return this.firsts[stretch] ?? this.length;
  }

  /** The stretches that lie between two times, both included. */
  between(from: number, to: number): readonly Stretch[] {
    return this.stretches.slice(this.stretchOfTime(to), this.stretchOfTime(from - 1));
  }

  /** With each stretch as `change` makes it. The same timeline where nothing changes. */
  map(change: (stretch: Stretch, at: number) => Stretch): Timeline {
    const changed = this.stretches.map(change);
    return changed.every((stretch, at) => stretch === this.stretches[at]) ? this : new Timeline(changed);
  }

  /** With only those loaded images that live. */
  keep(lives: (image: Image) => boolean): Timeline {
    return this.map((stretch) => {
      if (stretch.images === null || stretch.images.every(lives)) return stretch;
      const images = stretch.images.filter(lives);
      return { ...stretch, images, count: images.length };
    });
  }

  /** With these images (newest first), which are all there are between two times, both included. */
  fill(from: number, to: number, images: readonly Image[]): Timeline {
    const around: Stretch[] = [];
    const steps = new Map<number, Stretch>();
    const within = (time: number) => {
      const start = startOfStep(time);
      const stretch = steps.get(start) ?? {
        from: Math.max(from, start),
        to: Math.min(to, start + stepLength - 1),
        count: 0,
        images: null,
        stale: false,
      };
      steps.set(start, stretch);
      return stretch;
    };
    const byStep = groupByStep(images);
    for (const stretch of this.stretches) {
      if (stretch.to < from || stretch.from > to) around.push(stretch);
      else {
        within(stretch.from);
        around.push(...outside(stretch, from, to, byStep.get(startOfStep(stretch.from)) ?? []));
      }
    }
    for (const start of byStep.keys()) within(start);
    const filled = [...steps].map(([start, stretch]) => {
      const found = byStep.get(start) ?? [];
      return { ...stretch, images: found, count: found.length };
    });
    return new Timeline([...around, ...filled].sort((a, b) => b.from - a.from));
  }

  /**
   * With what the server counted by steps, of those that begin up to a time: of what is loaded the images themselves are
   * believed. What has gone is taken from the oldest, where images expire.
   */
  count(counts: readonly Count[], upTo: number): Timeline {
    const told = new Map(counts.map(({ start, images }) => [start, images]));
    const steps = new Map<number, Stretch[]>();
    for (const stretch of this.stretches) {
      const start = startOfStep(stretch.from);
      steps.set(start, [...(steps.get(start) ?? []), stretch]);
    }
    for (const start of told.keys()) if (!steps.has(start) && start <= upTo) steps.set(start, []);
    const counted = [...steps]
      .sort(([a], [b]) => b - a)
      .flatMap(([start, stretches]) => recount(start, stretches, told));
    return new Timeline(counted);
  }

  /** With a stretch that is not loaded in smaller ones, as the server counted them by `length` milliseconds. */
  split(at: number, counts: readonly Count[], length: number): Timeline {
    const whole = this.stretches[at];
    if (whole === undefined) return this;
    const parts = counts.map(({ start, images }) => ({
      ...whole,
      from: Math.max(whole.from, start),
      to: Math.min(whole.to, start + length - 1),
      count: images,
    }));
    return new Timeline(this.stretches.toSpliced(at, 1, ...parts));
  }

  /**
   * With an image that has just come. The same timeline where nothing is known yet of its time: it will be found there.
   * `complete`: whether all images have been counted, so that time without a stretch is known to hold none.
   */
  add(image: Image, complete: boolean): Timeline {
    const time = image.capturedAt;
    const at = this.stretchOfTime(time);
    const stretch = this.stretches[at];
    if (stretch !== undefined && stretch.to >= time) {
      if (stretch.images === null) return this.replace(at, { ...stretch, count: stretch.count + 1 });
      const place = placeOfTime(stretch.images, time);
      // Those of the same millisecond are in the order of their cameras' names, as the server lists them.
      const after = stretch.images.findIndex(
        (other, index) => index >= place && (other.capturedAt < time || other.camera > image.camera),
      );
      const images = stretch.images.toSpliced(after === -1 ? stretch.images.length : after, 0, image);
      return this.replace(at, { ...stretch, images, count: images.length });
    }
    const start = startOfStep(time);
    const newest = this.stretches[0];
    const known = complete || newest === undefined || start > newest.to;
    const shared = [this.stretches[at - 1], stretch].some((other) => other && startOfStep(other.from) === start);
    if (!known || shared) return this;
    const added = { from: start, to: start + stepLength - 1, count: 1, images: [image], stale: false };
    return new Timeline(this.stretches.toSpliced(at, 0, added));
  }

  /** With one image less, where its time is not loaded. */
  lose(time: number): Timeline {
    const at = this.stretchOfTime(time);
    const stretch = this.stretches[at];
    if (stretch === undefined || stretch.to < time || stretch.images !== null || stretch.count === 0) return this;
    return this.replace(at, { ...stretch, count: stretch.count - 1 });
  }

  private replace(at: number, stretch: Stretch): Timeline {
    return new Timeline(this.stretches.with(at, stretch));
  }
}

/** The smallest of the first `count` numbers that passes; `count` if none does. Those after one that passes pass too. */
function search(count: number, passes: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function length({ from, to }: Stretch): number {
  return to - from + 1;
}

function startOfStep(time: number): number {
  return Math.floor(time / stepLength) * stepLength;
}

function groupByStep(images: readonly Image[]): Map<number, Image[]> {
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
function outside(stretch: Stretch, from: number, to: number, known: readonly Image[]): Stretch[] {
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
  const newer = Math.round((left * (first.to - first.from + 1)) / (length(stretch) - (to - from + 1)));
  return [
    { ...stretch, ...first, count: newer },
    { ...stretch, ...second, count: left - newer },
  ];
}

/** The stretches (newest first) of the step that begins at `start`, with as many images as the server has told. */
function recount(start: number, stretches: readonly Stretch[], told: ReadonlyMap<number, number>): Stretch[] {
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
