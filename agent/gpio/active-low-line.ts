import type { GpioLine, Level, Pull } from './gpio-line';

/** A line read the other way round: at ground it tells 1. Its pull resistor stays where it is. */
export class ActiveLowLine implements GpioLine {
  private readonly line: GpioLine;

  constructor(line: GpioLine) {
    this.line = line;
  }

  async open(pull: Pull, onEdge: (level: Level) => void): Promise<Level> {
    return inverted(await this.line.open(pull, (level) => onEdge(inverted(level))));
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

function inverted(level: Level): Level {
  return level === 1 ? 0 : 1;
}
