import { spanText } from './words';

/** How often the line on a terminal is written anew, and how often a line goes to anything else, in milliseconds. */
const onTerminal = 200;
const elsewhere = 5000;

/** Shows on the standard error how far a long work has come: in one line on a terminal, else in a line now and then. */
export class Progress {
  private readonly terminal = process.stderr.isTTY;
  private readonly began = Date.now();
  private shown = Date.now();
  private written = false;

  /** Tells how far it has come. */
  show(done: number, total: number): void {
    const now = Date.now();
    if (now - this.shown < (this.terminal ? onTerminal : elsewhere)) return;
    this.shown = now;
    const text = progressText(done, Math.max(done, total), now - this.began);
    this.written = true;
    process.stderr.write(this.terminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Clears the line, so that others can follow. */
  end(): void {
    if (this.terminal && this.written) process.stderr.write('\r\x1b[K');
    this.written = false;
  }
}

function progressText(done: number, total: number, milliseconds: number): string {
  const pace = done / milliseconds;
  const left = pace > 0 ? `, ${Math.round(pace * 1000)} a second, ${spanText((total - done) / pace)} left` : '';
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} images${left}`;
}
