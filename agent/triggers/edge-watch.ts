import type { Level } from '../gpio/gpio-line';
import { EdgeGate, type EdgeGateSettings } from './edge-gate';

/**
 * Passes the changes of a GPIO line through an {@link EdgeGate}, and asks it again after a bounce. It keeps one timer at
 * most, however many edges come.
 */
export class EdgeWatch {
  private readonly gate: EdgeGate;
  private readonly debounce: number;
  private readonly now: () => number;
  private readonly onFire: () => void;
  private timeout: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;

  /**
   * @param level the line's level at the start
   * @param onFire is called for each edge that is to fire
   * @param now a clock that never jumps, in milliseconds
   * @param closedUntil before this time nothing fires
   */
  constructor(settings: EdgeGateSettings, level: Level, onFire: () => void, now: () => number, closedUntil?: number) {
    this.gate = new EdgeGate(settings, level, closedUntil);
    this.debounce = settings.debounce;
    this.onFire = onFire;
    this.now = now;
  }

  /** Takes in an edge: the level after it. */
  receive(level: Level): void {
    if (this.gate.fires(level, this.now())) this.onFire();
    this.settleLater();
  }

  /** Lets nothing fire for the cooldown, because something else has just fired. */
  rest(): void {
    this.gate.rest(this.now());
  }

  stop(): void {
    clearTimeout(this.timeout);
    clearImmediate(this.immediate);
  }

  private settleLater(): void {
    if (this.timeout !== undefined || !this.gate.unsettled) return;
    this.timeout = setTimeout(() => {
      // After other work that took long, edges wait to be read: they come first.
      this.immediate = setImmediate(() => {
        this.timeout = undefined;
        if (this.gate.settles(this.now())) this.onFire();
        this.settleLater();
      });
    }, this.debounce);
  }
}
