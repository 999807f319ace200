import type { Image } from './messages';
import { placeOf, placeOfTime } from './sorted-images';
import { type Count, groupByStep, lengthOf, outside, recount, type Stretch, startOfStep, stepLength } from './stretch';

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
    return stretch.images?.[within]?.capturedAt ?? stretch.to - ((within + 0.5) / stretch.count) * lengthOf(stretch);
  }

  /** The place of the first image captured at this time or before: about, where it is not loaded. */
  indexOfTime(time: number): number {
    const place = this.stretchOfTime(time);
    const stretch = this.stretches[place];
    if (stretch === undefined) return this.length;
    if (stretch.to <= time) return this.first(place);
    const share = (stretch.to - time) / lengthOf(stretch);
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
