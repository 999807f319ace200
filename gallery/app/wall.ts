import { onBeforeUnmount, onMounted } from 'vue';
import type { Camera } from './messages';

/** Below so many lux in the brightest picture it is night. */
const nightLux = 5;
/** Where no camera can tell, it is night from this hour on, and until that. */
const nightFrom = 22;
const nightUntil = 6;

/** Whether it is night at these cameras: by their light, or by the clock where none can tell. */
export function isNight(cameras: readonly Camera[], now: number): boolean {
  const lux = cameras.flatMap(({ latest }) => (latest?.lux == null ? [] : [latest.lux]));
  if (lux.length > 0) return Math.max(...lux) < nightLux;
  const hour = new Date(now).getHours();
  return hour >= nightFrom || hour < nightUntil;
}

/** How many pictures stand beside each other, so that they become as large as a screen of this shape allows. */
export function wallColumns(count: number, width: number, height: number): number {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const size = Math.min(width / columns, ((height / Math.ceil(count / columns)) * 16) / 9);
    if (size > best.size) best = { columns, size };
  }
  return best.columns;
}

/** Keeps the screen on as long as the surrounding component is there, where the browser can (it needs https). */
export function useWakeLock(): void {
  let lock: WakeLockSentinel | undefined;
  let ended = false;
  async function hold(): Promise<void> {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (ended) await lock.release();
    } catch (error) {
      // Refused when the battery is low, for example: the wall works without, the screen may go dark.
      console.info('The screen can not be kept on:', error);
    }
  }
  // The browser lets go of it whenever the page is hidden.
  const changed = () => void hold();
  onMounted(() => {
    document.addEventListener('visibilitychange', changed);
    void hold();
  });
  onBeforeUnmount(() => {
    ended = true;
    document.removeEventListener('visibilitychange', changed);
    void lock?.release();
  });
}
