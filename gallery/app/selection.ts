import { computed, type Ref, type ShallowRef, shallowRef } from 'vue';
import type { ImageList } from './image-list';

/** The images that somebody has chosen to do something with. */
export interface Selection {
  ids: ShallowRef<ReadonlySet<string>>;
  /** Whether any are chosen: a click on another chooses it too then, rather than opening it. */
  active: Ref<boolean>;
  toggle(id: string): void;
  /** Chooses all from the image that was toggled last to this one. */
  extendTo(id: string): void;
  /** Chooses all images that are loaded. */
  all(): void;
  drop(id: string): void;
  clear(): void;
}

/** Nothing chosen of this list. */
export function createSelection(list: ImageList): Selection {
  const ids: Selection['ids'] = shallowRef(new Set());
  let anchor: string | null = null;

  function toggle(id: string): void {
    const chosen = new Set(ids.value);
    if (!chosen.delete(id)) chosen.add(id);
    ids.value = chosen;
    anchor = id;
  }

  return {
    ids,
    active: computed(() => ids.value.size > 0),
    toggle,
    extendTo(id) {
      const from = anchor === null ? -1 : list.indexOf(anchor);
      const to = list.indexOf(id);
      if (from === -1 || to === -1) return toggle(id);
      const between = list.images.value.slice(Math.min(from, to), Math.max(from, to) + 1);
      ids.value = new Set([...ids.value, ...between.map((image) => image.id)]);
    },
    all() {
      ids.value = new Set(list.images.value.map((image) => image.id));
    },
    drop(id) {
      if (ids.value.has(id)) ids.value = new Set([...ids.value].filter((other) => other !== id));
    },
    clear() {
      anchor = null;
      ids.value = new Set();
    },
  };
}
