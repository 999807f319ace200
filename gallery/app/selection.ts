import { computed, type Ref, type ShallowRef, shallowRef } from 'vue';
import type { Image } from './messages';

/** The images that somebody has chosen to do something with. */
export interface Selection {
  ids: ShallowRef<ReadonlySet<string>>;
  /** Whether any are chosen: a click on another chooses it too then, rather than opening it. */
  active: Ref<boolean>;
  /** The image that was toggled last: where Shift begins; null if there is none. */
  anchor: ShallowRef<Image | null>;
  toggle(image: Image): void;
  add(ids: readonly string[]): void;
  drop(id: string): void;
  clear(): void;
}

/** Nothing chosen. */
export function createSelection(): Selection {
  const ids: Selection['ids'] = shallowRef(new Set());
  const anchor: Selection['anchor'] = shallowRef(null);

  return {
    ids,
    active: computed(() => ids.value.size > 0),
    anchor,
    toggle(image) {
      const chosen = new Set(ids.value);
      if (!chosen.delete(image.id)) chosen.add(image.id);
      ids.value = chosen;
      anchor.value = image;
    },
    add(added) {
      ids.value = new Set([...ids.value, ...added]);
    },
    drop(id) {
      if (ids.value.has(id)) ids.value = new Set([...ids.value].filter((other) => other !== id));
    },
    clear() {
      anchor.value = null;
      ids.value = new Set();
    },
  };
}
