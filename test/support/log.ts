import { EventEmitter, once } from 'node:events';
import pino, { type Logger } from 'pino';

/** A log for tests that keeps its lines. */
export class TestLog {
  readonly lines: string[] = [];
  readonly log: Logger = pino({ base: undefined }, { write: (line: string) => this.keep(line) });
  private readonly emitter = new EventEmitter();

  /** Resolves when so many lines with a text in them have been written. */
  async written(text: string, times = 1): Promise<void> {
    while (this.lines.filter((line) => line.includes(text)).length < times) await once(this.emitter, 'line');
  }

  private keep(line: string): void {
    this.lines.push(line);
    this.emitter.emit('line');
  }
}
