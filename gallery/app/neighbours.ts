import { computed, onBeforeUnmount, type Ref, ref, watch } from 'vue';
import { useGallery } from './gallery';
import type { Image } from './messages';

/** What stands beside an image in the grid. */
export interface Neighbours {
  /** The places in the list; -1 where there is none. */
  newer: Ref<number>;
  older: Ref<number>;
  /** Opens the image at a place of the list, if there is one. Throws a ServerError if it is not loaded and nobody answers. */
  move(to: number): Promise<void>;
}

/** How many places around an image are loaded: those in sight in the film strip, and what comes next. */
const newerInSight = 4;
const olderInSight = 8;

/** The neighbours of an opened image, also of one that has left the list, until the surrounding component goes. */
export function useNeighbours(image: () => Image): Neighbours {
  const gallery = useGallery();
  const { list, attempt } = gallery;

  // The place in the list outlives the image, so that the arrows go on where it stood.
  const place = ref(-1);
  const index = computed(() => list.timeline.value.indexOf(image().id));
  watch(
    index,
    (found) => {
      if (found !== -1) place.value = found;
    },
    { immediate: true },
  );
  // Where a link led here, what is around the image is not loaded yet.
  watch(
    [place, list.complete, () => image().id],
    () => {
      const here = place.value === -1 ? list.timeline.value.indexOfTime(image().capturedAt) : place.value;
      if (list.status.value === 'ready')
        void attempt(() => list.look('large view', [[here - newerInSight, here + olderInSight]]));
    },
    { immediate: true },
  );
  onBeforeUnmount(() => list.lookAway('large view'));

  return {
    newer: computed(() => Math.max(-1, place.value - 1)),
    older: computed(() => {
      const next = index.value === -1 ? place.value : place.value + 1;
      return place.value === -1 || next >= list.timeline.value.length ? -1 : next;
    }),
    async move(to) {
      const there = to === -1 ? undefined : await list.image(to);
      if (there !== undefined) gallery.open(there.id);
    },
  };
}
