import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { messageOf } from '../core/luxcam-error';

/** What systemd tells a service about itself (sd_notify(3), sd_watchdog_enabled(3)). */
export interface SystemdEnvironment {
  /** Where it listens; absent where systemd has not started us, or does not want to know. */
  NOTIFY_SOCKET?: string;
  /** After how many microseconds without a word it takes us for dead. */
  WATCHDOG_USEC?: string;
}

/** How long systemd may take to hear one word, in milliseconds, before the next one is said. */
const longestWord = 5000;

/**
 * Tells systemd that the agent runs, and then now and then that it still works. Node has no datagram sockets of the
 * unix kind, so its own program `systemd-notify` does the talking.
 */
export class Systemd {
  private readonly environment: SystemdEnvironment;
  private readonly alive: () => boolean;
  private readonly log: Logger;
  private timer: NodeJS.Timeout | undefined;
  /** Ends when all that was said so far has been heard. */
  private said = Promise.resolve();

  /** `alive` tells whether the work goes on: that our timers run is not enough. */
  constructor(environment: SystemdEnvironment, alive: () => boolean, log: Logger) {
    this.environment = environment;
    this.alive = alive;
    this.log = log;
  }

  /** Says that the agent is ready, and begins to say that it is alive, where systemd wants to hear it. */
  start(): void {
    if (this.environment.NOTIFY_SOCKET === undefined) return;
    this.say('READY=1');
    const patience = Number(this.environment.WATCHDOG_USEC ?? 0) / 1000;
    if (!(patience > 0)) return;
    // Twice as often as needed, as sd_watchdog_enabled(3) recommends.
    this.timer = setInterval(() => {
      if (this.alive()) this.say('WATCHDOG=1');
      else this.log.error('a camera makes no progress: systemd will start the agent again');
    }, patience / 2);
  }

  /** Says that the agent is about to end, which may take as long as it takes. Resolves when all has been said. */
  stop(): Promise<void> {
    clearInterval(this.timer);
    if (this.environment.NOTIFY_SOCKET !== undefined) this.say('STOPPING=1');
    return this.said;
  }

  /** One word after the other: of two programs at once the second may be the faster one, and READY=1 the last word. */
  private say(word: string): void {
    this.said = this.said.then(() => this.tell(word));
  }

  private async tell(word: string): Promise<void> {
    try {
      await promisify(execFile)('systemd-notify', [word], { timeout: longestWord });
    } catch (error) {
      this.log.error(`systemd was not told ${word}: ${messageOf(error)}`);
    }
  }
}
