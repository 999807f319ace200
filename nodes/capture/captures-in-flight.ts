import type { Announcement, CapturedAnnouncement } from '../../core/messages';
import { NodeError } from '../node-error';

/** What is to happen with the answers to one request. */
export interface CaptureToAwait {
  transaction: string;
  /** How long to wait for the first answer, and again after each one, in milliseconds: that leaves room for a burst. */
  patience: number;
  onImage(announcement: CapturedAnnouncement): void;
  /** The error for a request that nobody answers. `spooled`: a picture waits on the agent's disk for Redis. */
  onSilence(spooled: boolean): Error;
}

interface Capture extends CaptureToAwait {
  /** The answers seen: announcements come at least once, so some come twice. */
  answered: Set<string>;
  spooled: boolean;
  failure: Error | undefined;
  timer: NodeJS.Timeout;
  resolve(): void;
  reject(error: Error): void;
}

/** The requests whose pictures have not all arrived yet. */
export class CapturesInFlight {
  private readonly captures = new Map<string, Capture>();

  get size(): number {
    return this.captures.size;
  }

  /** Resolves after the last image of the request. Rejects once: with its failure, or with the error for silence. */
  wait(capture: CaptureToAwait): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(capture.transaction), capture.patience);
      const state = { answered: new Set<string>(), spooled: false, failure: undefined, timer, resolve, reject };
      this.captures.set(capture.transaction, { ...capture, ...state });
    });
  }

  /** Takes an announcement, which may belong to none of our requests. */
  take(announcement: Announcement): void {
    if (!('transaction' in announcement) || announcement.transaction === null) return;
    const capture = this.captures.get(announcement.transaction);
    if (capture === undefined) return;
    capture.timer.refresh();
    if (announcement.event === 'spooled') {
      capture.spooled = true;
      return;
    }
    const { index, of } = announcement.burst ?? { index: 1, of: 1 };
    if (capture.answered.has(`${index}`)) return;
    capture.answered.add(`${index}`);
    if (announcement.event === 'captured') capture.onImage(announcement);
    else capture.failure ??= new NodeError(announcement.error.code, announcement.error.message);
    if (capture.answered.size >= of) this.end(capture, capture.failure);
  }

  /** Ends a request that could not even be made. */
  fail(transaction: string, error: Error): void {
    const capture = this.captures.get(transaction);
    if (capture !== undefined) this.end(capture, error);
  }

  /** Forgets all requests, without another word. */
  stop(): void {
    for (const { timer } of this.captures.values()) clearTimeout(timer);
    this.captures.clear();
  }

  private giveUp(transaction: string): void {
    const capture = this.captures.get(transaction);
    if (capture !== undefined) this.end(capture, capture.failure ?? capture.onSilence(capture.spooled));
  }

  private end(capture: Capture, error: Error | undefined): void {
    clearTimeout(capture.timer);
    this.captures.delete(capture.transaction);
    if (error === undefined) capture.resolve();
    else capture.reject(error);
  }
}
