import { computed, onMounted, onScopeDispose, type Ref, ref, watch } from 'vue';
import type { Gallery } from './gallery';
import { type GridLayout, layOut, type Row, rowAt, rowOfImage } from './grid-layout';
import type { Image } from './messages';

/** Within so many pixels of the top, new images slide in; further down they wait. */
const topZone = 40;
/** How much more than what can be seen is drawn, above and below, in CSS pixels. */
const margin = 600;
/** From so many CSS pixels a millisecond on, tiles only pass by; and so long after the last step, they rest. */
const passingSpeed = 3;
const restMilliseconds = 120;
/** The window moves in steps of so many CSS pixels, so that not every pixel of scrolling is work. */
const stepHeight = 200;

/** The part of the grid that is drawn, and how it moves. */
export interface GridWindow {
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
  /** True while one scrolls so fast that no thumbnail is worth asking for. */
  passing: Ref<boolean>;
  toTop(): void;
  /** Scrolls to a time if it is loaded; returns whether it is. */
  toTime(time: number): boolean;
  /** Scrolls as little as possible to show the image at this place in the list. */
  reveal(index: number): void;
}

/** A window onto the images of a gallery: `scroller` scrolls, and `canvas` inside it is as wide as the grid. */
export function useGridWindow(
  gallery: Gallery,
  scroller: Readonly<Ref<HTMLElement | null>>,
  canvas: Readonly<Ref<HTMLElement | null>>,
): GridWindow {
  const { list, clock } = gallery;
  const width = ref(0);
  const height = ref(0);
  const scrollTop = ref(0);
  const settling = ref(false);
  const fresh = ref<ReadonlySet<string>>(new Set());

  const laidOut = computed(() => ({
    images: list.images.value,
    layout: layOut(list.images.value, Math.max(1, width.value)),
  }));
  const layout = computed(() => laidOut.value.layout);
  const windowTop = computed(() => Math.floor(scrollTop.value / stepHeight) * stepHeight);
  const rows = computed(() => {
    if (width.value === 0) return [];
    const all = layout.value.rows;
    const last = rowAt(all, windowTop.value + height.value + margin);
    return all.slice(rowAt(all, windowTop.value - margin), last + 1);
  });
  const standsAt = computed(() => {
    const all = layout.value.rows;
    const row = all[Math.min(rowAt(all, scrollTop.value + topZone), all.length - 1)];
    return list.images.value[row?.first ?? 0]?.capturedAt ?? 0;
  });

  const measure = new ResizeObserver(() => {
    width.value = canvas.value?.clientWidth ?? 0;
    height.value = scroller.value?.clientHeight ?? 0;
  });
  const passing = ref(false);
  let rest: ReturnType<typeof setTimeout> | undefined;
  let lastStep = 0;
  const scrolled = () => {
    const top = scroller.value?.scrollTop ?? 0;
    const now = performance.now();
    if (Math.abs(top - scrollTop.value) > passingSpeed * Math.max(16, now - lastStep)) passing.value = true;
    lastStep = now;
    scrollTop.value = top;
    clearTimeout(rest);
    if (passing.value)
      rest = setTimeout(() => {
        passing.value = false;
      }, restMilliseconds);
  };
  onMounted(() => {
    for (const element of [scroller.value, canvas.value]) if (element !== null) measure.observe(element);
    scroller.value?.addEventListener('scroll', scrolled, { passive: true });
  });

  let settled: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => {
    measure.disconnect();
    clearTimeout(settled);
    clearTimeout(rest);
  });

  function scrollTo(top: number): void {
    if (scroller.value === null) return;
    scroller.value.scrollTop = top;
    scrolled();
  }

  watch(list.beginnings, () => scrollTo(0), { flush: 'post' });
  watch(
    () => scrollTop.value > topZone,
    (away) => list.hold(away),
  );

  // What is being looked at stays where it is, whatever comes or goes above it.
  watch(
    laidOut,
    (after, before) => {
      const first = before.images[0];
      if (first === undefined || after.images.length === 0) return;
      const atTop = scrollTop.value <= topZone && list.indexOf(first.id) < before.layout.columns * 3;
      if (!atTop) scrollTo(scrollTop.value + movedBy(before, after.layout));
      else if (before.images.length !== after.images.length && before.layout.columns === after.layout.columns)
        settle(before.images);
    },
    { flush: 'post' },
  );

  /** How far the first image in sight that is still there has moved. */
  function movedBy(before: { images: readonly Image[]; layout: GridLayout }, after: GridLayout): number {
    const rows = before.layout.rows;
    for (let at = rowAt(rows, scrollTop.value); at < rows.length; at++) {
      const row = rows[at];
      const image = row?.kind === 'images' ? before.images[row.first] : undefined;
      const index = image === undefined ? -1 : list.indexOf(image.id);
      const moved = index === -1 ? undefined : rowOfImage(after.rows, index);
      if (row !== undefined && moved !== undefined) return moved.top - row.top;
    }
    return 0;
  }

  function settle(before: readonly Image[]): void {
    const known = new Set(before.slice(0, 300).map((image) => image.id));
    fresh.value = new Set(
      list.images.value
        .slice(0, 100)
        .filter((image) => !known.has(image.id) && image.capturedAt > (before[0]?.capturedAt ?? 0))
        .map((image) => image.id),
    );
    settling.value = true;
    clearTimeout(settled);
    settled = setTimeout(() => {
      settling.value = false;
    }, 500);
  }

  // The next images are asked for before their place comes into sight.
  const nearEnd = () => list.hasOlder.value && layout.value.height - scrollTop.value < height.value * 3;
  const nearStart = () => !list.reachesNow.value && scrollTop.value < height.value;
  watch([scrollTop, laidOut, height, list.status, list.loading], () => {
    if (list.loading.value || list.status.value !== 'ready' || height.value === 0) return;
    if (nearEnd()) void gallery.attempt(list.loadOlder);
    else if (nearStart()) void gallery.attempt(() => list.loadNewer(clock.now.value));
  });

  return {
    layout,
    rows,
    settling,
    fresh,
    standsAt,
    rowsInSight: computed(() => Math.max(1, Math.floor(height.value / layout.value.tileHeight) - 1)),
    passing,
    toTop: () => scrollTo(0),
    toTime(time) {
      const { images } = list;
      const oldest = images.value.at(-1)?.capturedAt ?? Number.POSITIVE_INFINITY;
      const newest = images.value[0]?.capturedAt ?? 0;
      if (time < oldest && list.hasOlder.value) return false;
      if (time > newest && !list.reachesNow.value) return false;
      const all = layout.value.rows;
      const hour = all.findIndex(
        ({ kind, first, count }) => kind === 'hour' && (images.value[first + count - 1]?.capturedAt ?? 0) <= time,
      );
      // The first hour of a day is shown below the day's own heading.
      const row = all[hour - 1]?.kind === 'day' ? all[hour - 1] : all[hour];
      scrollTo(row?.top ?? layout.value.height);
      return true;
    },
    reveal(index) {
      const row = rowOfImage(layout.value.rows, index);
      const view = scroller.value;
      if (row === undefined || view === null) return;
      if (row.top < view.scrollTop + topZone) scrollTo(Math.max(0, row.top - 2 * topZone));
      else if (row.top + row.height > view.scrollTop + height.value) scrollTo(row.top + row.height - height.value + 8);
    },
  };
}
