import { onBeforeUnmount, onMounted, onUpdated, type Ref, ref } from 'vue';

/** How far a wheel that counts in lines moves a row for each of them, in pixels. */
const linePixels = 20;

/** What {@link useSideways} gives. */
export interface Sideways {
  /** On which sides of the place the row goes on. */
  more: Ref<{ before: boolean; after: boolean }>;
  /** Brings the element of the row that a selector names into sight. */
  showIn(selector: string): void;
}

/**
 * A row that may be longer than its place, and has no scrollbar: a mouse has nothing else than its wheel to move it by.
 */
export function useSideways(row: Readonly<Ref<HTMLElement | null>>): Sideways {
  const more = ref({ before: false, after: false });

  function look(): void {
    const element = row.value;
    if (element === null) return;
    const left = element.scrollWidth - element.clientWidth - element.scrollLeft;
    const now = { before: element.scrollLeft >= 1, after: left >= 1 };
    // It is looked at after each change of the component, which a change here would be again.
    if (now.before !== more.value.before || now.after !== more.value.after) more.value = now;
  }

  function wheel(event: WheelEvent): void {
    const element = row.value;
    // What goes sideways already does so by itself; with Ctrl the browser enlarges the page.
    if (element === null || event.ctrlKey || event.deltaX !== 0) return;
    if (element.scrollWidth <= element.clientWidth) return;
    event.preventDefault();
    element.scrollLeft += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * linePixels : event.deltaY;
  }

  const measure = new ResizeObserver(look);
  onMounted(() => {
    if (row.value === null) return;
    row.value.addEventListener('wheel', wheel, { passive: false });
    row.value.addEventListener('scroll', look, { passive: true });
    measure.observe(row.value);
  });
  onUpdated(look);
  onBeforeUnmount(() => measure.disconnect());
  return {
    more,
    showIn(selector) {
      // Of the row only: scrollIntoView would move what is around it too.
      const element = row.value;
      const box = element?.querySelector(selector)?.getBoundingClientRect();
      if (element == null || box === undefined) return;
      const { left, right } = element.getBoundingClientRect();
      if (box.left < left || box.right > right) element.scrollLeft += (box.left + box.right) / 2 - (left + right) / 2;
    },
  };
}
