import { messageOf } from './luxcam-error';
import { isForbidden } from './redis-advice';
import type { RedisImageStore } from './redis-image-store';

/** Often enough that entries of images that are gone vanish within a minute. */
const everyMilliseconds = 25_000;

/** Keeps the indexes in Redis free of images that have expired, were evicted or deleted by others. */
export class IndexTrimmer {
  private readonly store: RedisImageStore;
  private readonly onProblem: (message: string) => void;
  private timer: NodeJS.Timeout | undefined;

  /** `onProblem` is told what went wrong when Redis stands but refuses: once, where this user may not trim at all. */
  constructor(store: RedisImageStore, onProblem: (message: string) => void) {
    this.store = store;
    this.onProblem = onProblem;
  }

  start(): void {
    this.timer = setInterval(() => void this.trim(), everyMilliseconds).unref();
    void this.trim();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async trim(): Promise<void> {
    const { connection } = this.store;
    if (connection.state !== 'ready') return;
    try {
      await this.store.trimIndex();
    } catch (error) {
      const reason = messageOf(error);
      if (isForbidden(reason)) {
        // Its user will not be allowed it later either, and who only looks at images need not be.
        this.stop();
        this.onProblem(`The index of expired images is left to others, for example an agent: ${reason}`);
      } else if (connection.state === 'ready') this.onProblem(reason);
    }
  }
}
