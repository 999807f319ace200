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

/**
 * Tells systemd that the agent runs, and then now and then that it still works. Node has no datagram sockets of the
 * unix kind, so its own program `systemd-notify` does the talking.
 */
export class Systemd {
  private readonly environment: SystemdEnvironment;
  private readonly alive: () => boolean;
  private readonly log: Logger;
  private timer: NodeJS.Timeout | undefined;

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

  /** Says that the agent is about to end, which may take as long as it takes. */
  stop(): void {
    clearInterval(this.timer);
    if (this.environment.NOTIFY_SOCKET !== undefined) this.say('STOPPING=1');
  }

  private say(word: string): void {
    promisify(execFile)('systemd-notify', [word]).catch((error: unknown) =>
      this.log.error(`systemd was not told ${word}: ${messageOf(error)}`),
    );
  }
}
