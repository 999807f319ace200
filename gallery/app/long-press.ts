/** How long a finger rests until it means something else than a touch, in milliseconds, and how little it may move. */
const longMilliseconds = 450;
const steadyPixels = 10;

/**
 * Tells a long press of a finger, and then keeps the click away that the browser makes of it.
 * Returns what the pressed element listens to.
 */
export function longPress(pressed: () => void): Record<string, (event: Event) => void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let began = { x: 0, y: 0 };
  let wasLong = false;
  const end = () => clearTimeout(timer);
  return {
    pointerdown(event) {
      wasLong = false;
      if (!(event instanceof PointerEvent) || event.pointerType !== 'touch') return;
      began = { x: event.clientX, y: event.clientY };
      clearTimeout(timer);
      timer = setTimeout(() => {
        wasLong = true;
        pressed();
      }, longMilliseconds);
    },
    pointermove(event) {
      if (!(event instanceof PointerEvent)) return;
      if (Math.hypot(event.clientX - began.x, event.clientY - began.y) > steadyPixels) end();
    },
    pointerup: end,
    pointercancel: end,
    contextmenu(event) {
      if (event instanceof PointerEvent && event.pointerType === 'touch') event.preventDefault();
    },
    click(event) {
      if (!wasLong) return;
      wasLong = false;
      event.stopImmediatePropagation();
      event.preventDefault();
    },
  };
}
