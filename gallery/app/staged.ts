import { onScopeDispose, type Ref, shallowRef, watch } from 'vue';

/** How many tiles are made, and thumbnails asked for, in one frame: what comes back has to be taken in between frames. */
const perFrame = 6;

/**
 * Lets what is to be drawn come in over several frames, in its order, so that no frame has to make all of it. What was
 * there before stays. Returns what may be drawn by now.
 */
export function useStaged(wanted: Readonly<Ref<readonly string[]>>): Ref<ReadonlySet<string>> {
  const staged = shallowRef<ReadonlySet<string>>(new Set());
  let frame = 0;

  function step(): void {
    const there = staged.value;
    const kept = new Set(wanted.value.filter((id) => there.has(id)));
    let added = 0;
    for (const id of wanted.value) {
      if (kept.has(id)) continue;
      if (added === perFrame) break;
      kept.add(id);
      added++;
    }
    if (added > 0 || kept.size !== there.size) staged.value = kept;
    cancelAnimationFrame(frame);
    if (kept.size < wanted.value.length) frame = requestAnimationFrame(step);
  }

  watch(wanted, step, { immediate: true });
  onScopeDispose(() => cancelAnimationFrame(frame));
  return staged;
}
