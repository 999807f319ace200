import { BackendMissingError, type GpioLine, type Level, type Pull } from './gpio-line';

/** A line watched in the first of several ways that exists on this machine. */
export class AutoLine implements GpioLine {
  private readonly ways: GpioLine[];
  private used: GpioLine | undefined;

  /** @param ways to the same line, the best first */
  constructor(ways: GpioLine[]) {
    this.ways = ways;
  }

  async open(pull: Pull, onEdge: (level: Level) => void): Promise<Level> {
    const missing: string[] = [];
    for (const way of this.ways) {
      try {
        const level = await way.open(pull, onEdge);
        this.used = way;
        return level;
      } catch (error) {
        if (!(error instanceof BackendMissingError)) throw error;
        missing.push(error.message);
      }
    }
    throw new BackendMissingError(missing.join('. And in another way: '));
  }

  async close(): Promise<void> {
    await this.used?.close();
    this.used = undefined;
  }
}
