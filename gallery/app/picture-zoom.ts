import { computed, type Ref, ref } from 'vue';

/** How large a picture can get, and how large a double click makes it. */
const largest = 12;
const doubleClicked = 2.5;
/** A touch that has moved so many CSS pixels sideways is a swipe. */
const swipeDistance = 50;

/** How a picture is enlarged. */
export interface PictureZoom {
  zoomed: Ref<boolean>;
  /** The CSS transform of the picture. */
  transform: Ref<string>;
  /** True while a finger or the mouse moves the picture. */
  moving: Ref<boolean>;
  reset(): void;
  /** Enlarges by a factor, around the middle. */
  zoomBy(factor: number): void;
  /** What the stage listens to. */
  listeners: Record<'wheel' | 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel' | 'dblclick', unknown>;
}

/** Enlarges by wheel, two fingers and double click, moves what is enlarged, and tells of swipes over what is not. */
export function usePictureZoom(
  stage: Readonly<Ref<HTMLElement | null>>,
  swiped: (direction: 'left' | 'right') => void,
): PictureZoom {
  const scale = ref(1);
  const x = ref(0);
  const y = ref(0);
  const moving = ref(false);
  const pointers = new Map<number, { x: number; y: number }>();
  let pressedAt = { x: 0, y: 0 };
  let pinched = false;

  /** A point as seen from the middle of the stage. */
  function fromMiddle(point: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = stage.value?.getBoundingClientRect() ?? new DOMRect();
    return { x: point.clientX - box.left - box.width / 2, y: point.clientY - box.top - box.height / 2 };
  }

  /** Moves the picture, but no further than its edges. */
  function moveTo(toX: number, toY: number): void {
    const roomX = ((stage.value?.clientWidth ?? 0) * (scale.value - 1)) / 2;
    const roomY = ((stage.value?.clientHeight ?? 0) * (scale.value - 1)) / 2;
    x.value = Math.max(-roomX, Math.min(roomX, toX));
    y.value = Math.max(-roomY, Math.min(roomY, toY));
  }

  /** What lies at a point stays there. */
  function zoomTo(wanted: number, at: { x: number; y: number }): void {
    const next = Math.max(1, Math.min(largest, wanted));
    const factor = next / scale.value;
    scale.value = next;
    moveTo(at.x - (at.x - x.value) * factor, at.y - (at.y - y.value) * factor);
  }

  function spread(): { apart: number; x: number; y: number } {
    const [a, b] = [...pointers.values()];
    if (a === undefined || b === undefined) return { apart: 1, x: 0, y: 0 };
    return { apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  function pressed(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('button')) return;
    stage.value?.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, fromMiddle(event));
    pressedAt = fromMiddle(event);
    pinched = pointers.size > 1;
  }

  function moved(event: PointerEvent): void {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const wasSpread = spread();
    const now = fromMiddle(event);
    pointers.set(event.pointerId, now);
    moving.value = true;
    if (pointers.size === 2) {
      const { apart, ...middle } = spread();
      zoomTo((scale.value * apart) / wasSpread.apart, middle);
      moveTo(x.value + middle.x - wasSpread.x, y.value + middle.y - wasSpread.y);
    } else if (scale.value > 1) moveTo(x.value + now.x - before.x, y.value + now.y - before.y);
  }

  function released(event: PointerEvent): void {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size > 0) return;
    moving.value = false;
    const sideways = fromMiddle(event).x - pressedAt.x;
    const upright = fromMiddle(event).y - pressedAt.y;
    const isSwipe = Math.abs(sideways) > swipeDistance && Math.abs(sideways) > Math.abs(upright);
    if (event.pointerType === 'touch' && event.type === 'pointerup' && scale.value === 1 && !pinched && isSwipe)
      swiped(sideways < 0 ? 'left' : 'right');
  }

  return {
    zoomed: computed(() => scale.value > 1),
    transform: computed(() =>
      scale.value === 1 ? 'none' : `translate(${x.value}px, ${y.value}px) scale(${scale.value})`,
    ),
    moving,
    reset() {
      scale.value = 1;
      moveTo(0, 0);
    },
    zoomBy: (factor) => zoomTo(scale.value * factor, { x: 0, y: 0 }),
    listeners: {
      wheel(event: WheelEvent) {
        event.preventDefault();
        zoomTo(scale.value * Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 250), fromMiddle(event));
      },
      pointerdown: pressed,
      pointermove: moved,
      pointerup: released,
      pointercancel: released,
      dblclick(event: MouseEvent) {
        if (event.target instanceof Element && event.target.closest('button')) return;
        zoomTo(scale.value > 1 ? 1 : doubleClicked, fromMiddle(event));
      },
    },
  };
}
