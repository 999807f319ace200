import type { Logger } from 'pino';

/** How long one line stands for all that are like it, in milliseconds. */
const period = 1000;

/** Writes at most one line a second about what was refused, so that a flood of nonsense does not fill the log. */
export class RefusalLog {
  private readonly log: Logger;
  private more = 0;
  private last = '';
  private pause: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.log = log;
  }

  /** Logs the message, or counts it if another was logged in this second. */
  warn(message: string): void {
    if (this.pause === undefined) this.write(message);
    else {
      this.more += 1;
      this.last = message;
    }
  }

  private write(message: string): void {
    this.log.warn(message);
    this.pause = setTimeout(() => {
      this.pause = undefined;
      if (this.more === 0) return;
      const summary = `${this.last} (the last of ${this.more} refusals in a second)`;
      this.more = 0;
      this.write(summary);
    }, period).unref();
  }
}

/** Lets through so many a second, and as many more at once after a quiet second. */
export class RateLimit {
  private readonly perSecond: number;
  private readonly now: () => number;
  private left: number;
  private countedAt: number;

  /** @param now a clock that never jumps, in milliseconds */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.perSecond = perSecond;
    this.now = now;
    this.left = perSecond;
    this.countedAt = now();
  }

  /** Whether one more is let through now. */
  allows(): boolean {
    const now = this.now();
    this.left = Math.min(this.perSecond, this.left + ((now - this.countedAt) / 1000) * this.perSecond);
    this.countedAt = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
