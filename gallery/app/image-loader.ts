import type { ShallowRef } from 'vue';
import type { Image } from './messages';
import type { Count, Stretch } from './stretch';
import type { Timeline } from './timeline';

/** How many images are asked for together, at most; a stretch that holds more than twice as many is split first. */
const together = 200;
/** How many images stay loaded before those that are far away are forgotten, and how many of the newest always do. */
const mostLoaded = 4000;
const newestKept = 400;
const minute = 60_000;

/** Places in the timeline, both ends included. */
export type Range = readonly [first: number, last: number];

/** Loads what is looked at, and forgets what is far from it. */
export interface ImageLoader {
  /** What somebody (`who`) looks at, the most important first; without, the same as before. Resolves when it is loaded. Throws a ServerError. */
  look(who?: string, ranges?: readonly Range[]): Promise<void>;
  /** Nobody of that name looks any more. */
  lookAway(who: string): void;
}

/** What a loader works on: answers that come after the list has begun anew are dropped. */
export interface LoaderParts {
  timeline: ShallowRef<Timeline>;
  beginning: ShallowRef<object>;
  read(from: number, to: number): Promise<Image[]>;
  count(from: number, to: number, minutes: number): Promise<Count[]>;
}

/** Loads into this timeline, one request after the other, always what is looked at now. */
export function createImageLoader({ timeline, beginning, read, count }: LoaderParts): ImageLoader {
  const looks = new Map<string, readonly Range[]>();
  let running: Promise<void> | undefined;

  function look(who?: string, ranges: readonly Range[] = []): Promise<void> {
    if (who !== undefined) looks.set(who, ranges);
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function run(): Promise<void> {
    for (let missing = nextMissing(); missing !== undefined; missing = nextMissing()) await load(missing);
    forget();
  }

  /** The places of neighbouring stretches that are looked at and not loaded, and few enough for a request. */
  function nextMissing(): Range | undefined {
    const { stretches } = timeline.value;
    for (const [from, to] of [...looks.values()].flat()) {
      const last = timeline.value.stretchAt(Math.min(to, timeline.value.length - 1));
      for (let first = timeline.value.stretchAt(Math.max(0, from)); first <= last; first++) {
        if (!isMissing(stretches[first])) continue;
        let end = first;
        let images = stretches[first]?.count ?? 0;
        while (end < last && isMissing(stretches[end + 1])) {
          images += stretches[end + 1]?.count ?? 0;
          if (images > together) break;
          end++;
        }
        return [first, end];
      }
    }
    return undefined;
  }

  async function load([first, last]: Range): Promise<void> {
    const newest = timeline.value.stretches[first];
    const oldest = timeline.value.stretches[last];
    if (newest === undefined || oldest === undefined) return;
    const began = beginning.value;
    const minutes = minutesToSplit(newest);
    if (minutes !== undefined) {
      const counts = await count(newest.from, newest.to, minutes);
      if (began !== beginning.value) return;
      const at = timeline.value.stretches.findIndex(({ from, to }) => from === newest.from && to === newest.to);
      if (at !== -1) timeline.value = timeline.value.split(at, counts, minutes * minute);
      return;
    }
    const images = await read(oldest.from, newest.to);
    if (began === beginning.value) timeline.value = timeline.value.fill(oldest.from, newest.to, images);
  }

  function forget(): void {
    const { stretches } = timeline.value;
    const distances = new Map<number, number>();
    let loaded = 0;
    for (const [at, { images, count }] of stretches.entries()) {
      if (images === null) continue;
      loaded += count;
      const first = timeline.value.first(at);
      const away = [...looks.values()].flat().map(([from, to]) => Math.max(first - to, from - first - count, 0));
      const distance = Math.min(...away);
      if (first >= newestKept && distance > 0) distances.set(at, distance);
    }
    if (loaded <= mostLoaded) return;
    const forgotten = new Set<number>();
    for (const [at] of [...distances].sort(([, a], [, b]) => b - a)) {
      if (loaded <= mostLoaded / 2) break;
      loaded -= stretches[at]?.count ?? 0;
      forgotten.add(at);
    }
    timeline.value = timeline.value.map((stretch, at) =>
      forgotten.has(at) ? { ...stretch, images: null, stale: false } : stretch,
    );
  }

  return { look, lookAway: (who) => void looks.delete(who) };
}

function isMissing(stretch: Stretch | undefined): boolean {
  return stretch !== undefined && (stretch.images === null || stretch.stale);
}

/** By how many minutes to count a stretch that holds too many images for a request; undefined where it does not. */
function minutesToSplit({ from, to, count, images }: Stretch): number | undefined {
  const length = to - from + 1;
  if (images !== null || count <= 2 * together || length <= minute) return undefined;
  const wanted = (length * together) / count;
  return [30, 20, 15, 12, 10, 6, 5, 4, 3, 2].find((minutes) => minutes * minute <= wanted) ?? 1;
}
