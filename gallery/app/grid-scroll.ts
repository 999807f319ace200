import { computed, onMounted, onScopeDispose, type Ref, ref } from 'vue';

/** From so many CSS pixels a millisecond on, tiles only pass by; and so long after the last step, they rest. */
const passingSpeed = 3;
const restMilliseconds = 120;
/** Browsers end elements at 17 (Firefox) to 33 million pixels: the scrollbar of a taller grid stands for more than it. */
const tallest = 12_000_000;

/** How far the grid is scrolled. Lengths are CSS pixels. */
export interface GridScroll {
  /** What of the grid stands at the top of the sight. */
  top: Ref<number>;
  /** How much of it can be seen. */
  height: Ref<number>;
  /** How high the element is that gives the scrollbar its length. */
  canvasHeight: Ref<number>;
  /** By how much what is drawn has to be moved up, in a grid that is taller than the canvas. */
  shift: Ref<number>;
  to(top: number): void;
}

/** The scrolling of a grid so high. `passing` is set while a person scrolls fast, `byHand` is called at each step. */
export function useGridScroll(
  scroller: Readonly<Ref<HTMLElement | null>>,
  gridHeight: Readonly<Ref<number>>,
  passing: Ref<boolean>,
  byHand: () => void,
): GridScroll {
  const top = ref(0);
  const height = ref(0);
  const barTop = ref(0);
  const canvasHeight = computed(() => Math.min(tallest, gridHeight.value));

  /** How far one can scroll, and how much further than the scrollbar the grid goes. */
  function room(element: HTMLElement): { most: number; ratio: number } {
    const beyond = gridHeight.value - canvasHeight.value;
    if (beyond === 0) return { most: Number.POSITIVE_INFINITY, ratio: 1 };
    const bar = element.scrollHeight - element.clientHeight;
    return { most: bar + beyond, ratio: (bar + beyond) / bar };
  }

  let rest: ReturnType<typeof setTimeout> | undefined;
  let lastStep = 0;
  function scrolled(): void {
    const element = scroller.value;
    if (element === null || Math.abs(element.scrollTop - barTop.value) < 0.5) return;
    const moved = element.scrollTop - barTop.value;
    const { most, ratio } = room(element);
    const now = performance.now();
    if (Math.abs(moved) > passingSpeed * Math.max(16, now - lastStep)) passing.value = true;
    lastStep = now;
    barTop.value = element.scrollTop;
    // The wheel moves the grid by as much as the bar; who drags the bar itself goes to the place that it stands for.
    if (ratio === 1 || Math.abs(moved) > height.value) top.value = barTop.value * ratio;
    else top.value = Math.min(most, Math.max(0, top.value + moved));
    clearTimeout(rest);
    rest = setTimeout(() => {
      passing.value = false;
      if (ratio !== 1) to(top.value);
    }, restMilliseconds);
    byHand();
  }

  function to(wanted: number): void {
    const element = scroller.value;
    if (element === null) return;
    const { most, ratio } = room(element);
    element.scrollTop = wanted / ratio;
    barTop.value = element.scrollTop;
    top.value = ratio === 1 ? barTop.value : Math.min(most, Math.max(0, wanted));
  }

  const measure = new ResizeObserver(() => {
    height.value = scroller.value?.clientHeight ?? 0;
  });
  onMounted(() => {
    if (scroller.value !== null) measure.observe(scroller.value);
    scroller.value?.addEventListener('scroll', scrolled, { passive: true });
  });
  onScopeDispose(() => {
    measure.disconnect();
    clearTimeout(rest);
    passing.value = false;
  });

  return { top, height, canvasHeight, shift: computed(() => top.value - barTop.value), to };
}
