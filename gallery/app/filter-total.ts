import { computed, type Ref, ref, watch } from 'vue';
import { narrowings } from './filter';
import type { Gallery } from './gallery';

/** How many images the filter leaves, also as new ones come; null while that is not known, or nothing is filtered. */
export function useFilterTotal({ filter, list, server, attempt }: Gallery): Ref<number | null> {
  const total = ref<number | null>(null);
  const newest = computed(() => list.images.value[0]?.id);
  watch(
    [filter, newest],
    ([chosen, id], [before]) => {
      if (chosen !== before) total.value = null;
      // Where nothing is found, the grid says so.
      if (narrowings(chosen) === 0 || id === undefined) return;
      void attempt(async () => {
        const page = await server.images(chosen, { limit: 1 });
        // Somebody may have chosen another filter meanwhile.
        if (chosen === filter.value) total.value = page.total;
      });
    },
    { immediate: true },
  );
  return total;
}
