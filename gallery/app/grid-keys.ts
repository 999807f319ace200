import { computed, nextTick, type Ref, ref } from 'vue';
import type { Gallery } from './gallery';
import type { GridWindow } from './grid-window';
import type { Image } from './messages';

/** The image that Tab leads to and the arrows move from: its id, and its place. */
export interface CurrentImage {
  id: Ref<string | null>;
  index: Readonly<Ref<number>>;
}

/** The newest image is the current one until another is. */
export function useCurrentImage({ list }: Gallery): CurrentImage {
  const id = ref<string | null>(null);
  return { id, index: computed(() => Math.max(0, id.value === null ? 0 : list.timeline.value.indexOf(id.value))) };
}

/** What the keyboard does in the grid. */
export interface GridKeys {
  pressed(event: KeyboardEvent): void;
  /** Puts the focus on the image at this place, loaded if it has to be. */
  focusOn(index: number): Promise<void>;
}

/** The keys of a grid that is drawn in `canvas`. */
export function useGridKeys(
  { list, selection, work, attempt }: Gallery,
  { layout, rowsInSight, reveal }: GridWindow,
  canvas: Readonly<Ref<HTMLElement | null>>,
  current: CurrentImage,
): GridKeys {
  let asked = 0;

  async function goTo(index: number): Promise<Image | undefined> {
    const turn = ++asked;
    const place = Math.min(Math.max(0, index), list.timeline.value.length - 1);
    reveal(place);
    const image = list.timeline.value.at(place) ?? (await list.image(place));
    // Another key may have been pressed while it was loaded.
    if (image === undefined || turn !== asked) return undefined;
    current.id.value = image.id;
    reveal(list.timeline.value.indexOf(image.id));
    await nextTick();
    canvas.value?.querySelector<HTMLElement>(`[data-image="${CSS.escape(image.id)}"]`)?.focus({ preventScroll: true });
    return image;
  }

  async function move(index: number, extending: boolean): Promise<void> {
    const from = list.timeline.value.at(current.index.value);
    const to = await goTo(index);
    if (!extending || from === undefined || to === undefined) return;
    if (!selection.active.value) selection.toggle(from);
    await work.extendTo(to);
  }

  /** Space, Escape and Ctrl+A choose images. Returns whether it was that. */
  function selects(event: KeyboardEvent): boolean {
    const here = list.timeline.value.at(current.index.value);
    if (event.key === ' ' && here !== undefined) selection.toggle(here);
    else if (event.key === 'Escape' && selection.active.value) selection.clear();
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) void attempt(work.all);
    else return false;
    event.preventDefault();
    return true;
  }

  function pressed(event: KeyboardEvent): void {
    if (selects(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const here = current.index.value;
    const lines = (count: number) => layout.value.linesAway(here, count);
    const target = {
      ArrowLeft: () => here - 1,
      ArrowRight: () => here + 1,
      ArrowUp: () => lines(-1),
      ArrowDown: () => lines(1),
      PageUp: () => lines(-rowsInSight.value),
      PageDown: () => lines(rowsInSight.value),
      Home: () => 0,
      End: () => list.timeline.value.length - 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    void attempt(() => move(target(), event.shiftKey));
  }

  return { pressed, focusOn: async (index) => void (await goTo(index)) };
}
