import { onMounted, type Ref, ref } from 'vue';
import { type Zoom, zooms } from './strip-spans';

/** One turn of a wheel is many events: they count as one step until so many milliseconds have passed. */
const stepMilliseconds = 250;
/** By how much two fingers have to come closer, or apart, for a step. */
const pinchRatio = 1.4;

/** Zooms the strip by wheel and by two fingers. */
export function useStripZoom(plot: Readonly<Ref<HTMLElement | null>>, zoom: Ref<Zoom>): { pinching: Ref<boolean> } {
  const pinching = ref(false);
  const fingers = new Map<number, number>();
  let apart = 0;
  let lastStep = Number.NEGATIVE_INFINITY;

  function zoomBy(steps: 1 | -1): void {
    zoom.value = zooms[zooms.indexOf(zoom.value) + steps] ?? zoom.value;
  }

  function wheel(event: WheelEvent): void {
    if (event.deltaY === 0) return;
    event.preventDefault();
    if (event.timeStamp - lastStep < stepMilliseconds) return;
    lastStep = event.timeStamp;
    zoomBy(event.deltaY > 0 ? 1 : -1);
  }

  function distance(): number {
    const [a = 0, b = 0] = [...fingers.values()];
    return Math.max(1, Math.abs(a - b));
  }

  function fingerMoved(event: PointerEvent): void {
    if (event.pointerType !== 'touch' || (event.type === 'pointermove' && !fingers.has(event.pointerId))) return;
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size !== 2) return;
    const now = distance();
    if (!pinching.value) {
      pinching.value = true;
      apart = now;
    } else if (now > apart * pinchRatio || now * pinchRatio < apart) {
      zoomBy(now > apart ? -1 : 1);
      apart = now;
    }
  }

  function fingerLeft(event: PointerEvent): void {
    fingers.delete(event.pointerId);
    if (fingers.size === 0) pinching.value = false;
  }

  // In the capturing phase: the strip has to know of the second finger before it takes it for a touch.
  const listeners = {
    pointerdown: fingerMoved,
    pointermove: fingerMoved,
    pointerup: fingerLeft,
    pointercancel: fingerLeft,
  };
  onMounted(() => {
    plot.value?.addEventListener('wheel', wheel, { passive: false });
    for (const [name, listener] of Object.entries(listeners))
      plot.value?.addEventListener(name, (event) => event instanceof PointerEvent && listener(event), true);
  });
  return { pinching };
}
