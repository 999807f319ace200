import type { GpioLine, Level, Pull } from '../../../agent/gpio/gpio-line';

/** A line that the test moves by hand. */
export class FakeLine implements GpioLine {
  level: Level;
  pull: Pull | undefined;
  private onEdge: ((level: Level) => void) | undefined;

  constructor(level: Level) {
    this.level = level;
  }

  /** Is somebody watching it? */
  get isOpen(): boolean {
    return this.onEdge !== undefined;
  }

  async open(pull: Pull, onEdge: (level: Level) => void): Promise<Level> {
    this.pull = pull;
    this.onEdge = onEdge;
    return this.level;
  }

  async close(): Promise<void> {
    this.onEdge = undefined;
  }

  set(level: Level): void {
    this.level = level;
    this.onEdge?.(level);
  }
}
