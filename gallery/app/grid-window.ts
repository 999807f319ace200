import { computed, onMounted, onScopeDispose, type Ref, ref, watch } from 'vue';
import type { Gallery } from './gallery';
import { GridLayout, type Row } from './grid-layout';
import { type GridScroll, useGridScroll } from './grid-scroll';
import type { Timeline } from './timeline';

/** Within so many pixels of the top, new images slide in; further down they wait. */
const topZone = 40;
/** How much more than what can be seen is drawn, above and below, in CSS pixels. */
const margin = 600;
/** The window moves in steps of so many CSS pixels, so that not every pixel of scrolling is work. */
const stepHeight = 200;
/** How many images after the first in sight are tried as what stays in its place, when that has gone. */
const anchors = 60;

/** The part of the grid that is drawn, and how it moves. */
export interface GridWindow {
  scroll: GridScroll;
  layout: Ref<GridLayout>;
  /** The rows that are drawn. */
  rows: Ref<readonly Row[]>;
  /** True while tiles glide to their new places. */
  settling: Ref<boolean>;
  /** The images that have just arrived. */
  fresh: Ref<ReadonlySet<string>>;
  /** The capture time of the first image in sight, in unix milliseconds; 0 if there is none. */
  standsAt: Ref<number>;
  /** How many rows of tiles fit. */
  rowsInSight: Ref<number>;
  /** Scrolls to the newest hour that began at this time or before. */
  toTime(time: number): void;
  /** Scrolls as little as possible to show the image at this place. */
  reveal(index: number): void;
}

/**
 * A window onto the images of a gallery: `scroller` scrolls, and `canvas` inside it is as wide as the grid. What it
 * shows, and the image `current`, is what the list loads.
 */
export function useGridWindow(
  gallery: Gallery,
  scroller: Readonly<Ref<HTMLElement | null>>,
  canvas: Readonly<Ref<HTMLElement | null>>,
  current: Readonly<Ref<number>>,
): GridWindow {
  const { list } = gallery;
  const width = ref(0);
  const settling = ref(false);
  const fresh = ref<ReadonlySet<string>>(new Set());

  const laidOut = computed(() => ({
    timeline: list.timeline.value,
    layout: new GridLayout(list.timeline.value, Math.max(1, width.value)),
  }));
  const layout = computed(() => laidOut.value.layout);
  const scroll = useGridScroll(
    scroller,
    computed(() => layout.value.height),
    gallery.passing,
    () => {
      due = undefined;
    },
  );
  const windowTop = computed(() => Math.floor(scroll.top.value / stepHeight) * stepHeight);
  const rows = computed(() => {
    if (width.value === 0) return [];
    return layout.value.rowsBetween(windowTop.value - margin, windowTop.value + scroll.height.value + margin);
  });
  const firstInSight = computed(() => layout.value.imageAt(scroll.top.value + topZone));
  const standsAt = computed(() => list.timeline.value.timeAt(firstInSight.value));

  const measure = new ResizeObserver(() => {
    width.value = canvas.value?.clientWidth ?? 0;
  });
  onMounted(() => canvas.value !== null && measure.observe(canvas.value));
  let settled: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => {
    measure.disconnect();
    clearTimeout(settled);
    list.lookAway('grid');
  });

  /** A time to scroll to as soon as it is known where its image stands. */
  let due: number | undefined = list.beginning.value.at;
  watch(
    list.beginning,
    ({ at }) => {
      due = at;
      scroll.to(0);
    },
    { flush: 'post' },
  );
  watch(
    () => scroll.top.value > topZone,
    (away) => list.hold(away),
  );

  // What is being looked at stays where it is, whatever comes or goes above it.
  watch(
    laidOut,
    (after, before) => {
      if (due !== undefined) toDue(due);
      else if (before.timeline.length > 0 && after.timeline.length > 0) stay(before, after);
    },
    { flush: 'post' },
  );

  function toDue(time: number): void {
    if (!list.complete.value || width.value === 0) return;
    const { timeline } = laidOut.value;
    const place = Math.min(timeline.indexOfTime(time), timeline.length - 1);
    scroll.to(layout.value.rowOfImage(place)?.top ?? 0);
    if (timeline.at(place) !== undefined) due = undefined;
  }

  function stay(before: typeof laidOut.value, after: typeof laidOut.value): void {
    const first = before.timeline.at(0);
    const columns = before.layout.size.columns;
    const place = first === undefined ? -1 : after.timeline.indexOf(first.id);
    const atTop = scroll.top.value <= topZone && place < columns * 3;
    if (!atTop) {
      const moved = movedBy(before, after);
      if (moved !== 0) scroll.to(scroll.top.value + moved);
    } else if (columns === after.layout.size.columns) settle(before.timeline, after.timeline);
  }

  /** How far the first image in sight that is still there has moved. */
  function movedBy(before: typeof laidOut.value, after: typeof laidOut.value): number {
    const first = before.layout.imageAt(scroll.top.value);
    for (let index = first; index < first + anchors; index++) {
      const place = placeAfter(before.timeline, index, after.timeline);
      const [from, to] = [before.layout.rowOfImage(index), after.layout.rowOfImage(place)];
      if (from !== undefined && to !== undefined) return to.top - from.top;
    }
    return 0;
  }

  function settle(before: Timeline, after: Timeline): void {
    const ids = (timeline: Timeline) => {
      const found: string[] = [];
      for (let at = 0; at < 100; at++) found.push(timeline.at(at)?.id ?? '');
      return found;
    };
    const [known, now] = [ids(before), ids(after)];
    if (known.every((id, at) => id === now[at])) return;
    const newest = before.timeAt(0);
    fresh.value = new Set(now.filter((id, at) => !known.includes(id) && after.timeAt(at) > newest));
    settling.value = true;
    clearTimeout(settled);
    settled = setTimeout(() => {
      settling.value = false;
    }, 500);
  }

  // What is in sight is loaded first, then what is drawn around it; nothing while it only passes by.
  const wanted = computed(() => {
    const bottom = scroll.top.value + scroll.height.value;
    return {
      inSight: [layout.value.imageAt(scroll.top.value), layout.value.imageAt(bottom)],
      drawn: [
        layout.value.imageAt(windowTop.value - margin),
        layout.value.imageAt(windowTop.value + scroll.height.value + margin),
      ],
    } as const;
  });
  let looking: Promise<void> | undefined;
  watch([wanted, current, gallery.passing, list.status], () => {
    if (gallery.passing.value || scroll.height.value === 0 || list.status.value !== 'ready') return;
    const promise = list.look('grid', [wanted.value.inSight, wanted.value.drawn, [current.value, current.value]]);
    if (promise === looking) return;
    looking = promise;
    void gallery.attempt(() => promise);
  });

  return {
    scroll,
    layout,
    rows,
    settling,
    fresh,
    standsAt,
    rowsInSight: computed(() => Math.max(1, Math.floor(scroll.height.value / layout.value.size.tileHeight) - 1)),
    toTime(time) {
      if (list.complete.value) scroll.to(layout.value.topOfTime(time));
      else due = time;
    },
    reveal(index) {
      const row = layout.value.rowOfImage(index);
      if (row === undefined) return;
      const { top, height } = scroll;
      if (row.top < top.value + topZone) scroll.to(Math.max(0, row.top - 2 * topZone));
      else if (row.top + row.height > top.value + height.value) scroll.to(row.top + row.height - height.value + 8);
    },
  };
}

/** The place in a changed timeline of what stood at a place before; -1 if it has gone. */
function placeAfter(before: Timeline, index: number, after: Timeline): number {
  const image = before.at(index);
  const place = image === undefined ? -1 : after.indexOf(image.id);
  if (place !== -1) return place;
  const at = before.stretchAt(index);
  const stretch = before.stretches[at];
  if (stretch === undefined) return -1;
  // Where it is not loaded it is known by how many images lie before it in its stretch of time.
  const isGone = image !== undefined && after.stretches[after.stretchOfTime(image.capturedAt)]?.images !== null;
  return isGone ? -1 : after.indexOfTime(stretch.to) + index - before.first(at);
}
