import { messageOf } from './luxcam-error';
import { isForbidden } from './redis-advice';
import { RedisHold } from './redis-hold';
import type { RedisImageStore } from './redis-image-store';

/** Often enough that entries of images that are gone vanish within a minute, also when the one whose turn it is dies. */
const everyMilliseconds = 25_000;

/** How long the turn stays with who has it, after each time that it trims. */
const turnMilliseconds = 30_000;

/**
 * Keeps the indexes in Redis free of images that have expired, were evicted or deleted by others. Of all agents and
 * galleries of a site one has the turn: when it is gone, the next one takes it.
 */
export class IndexTrimmer {
  private readonly store: RedisImageStore;
  private readonly onProblem: (message: string) => void;
  private readonly turn: RedisHold;
  private timer: NodeJS.Timeout | undefined;

  /** `onProblem` is told what went wrong when Redis stands but refuses: once, where this user may not trim at all. */
  constructor(store: RedisImageStore, onProblem: (message: string) => void) {
    this.store = store;
    this.onProblem = onProblem;
    this.turn = new RedisHold(store.connection, store.connection.keys.trimmer(), turnMilliseconds);
  }

  start(): void {
    this.timer = setInterval(() => void this.trim(), everyMilliseconds).unref();
    void this.trim();
  }

  /** Gives the turn to the next one. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.turn.release();
  }

  private async trim(): Promise<void> {
    const { connection } = this.store;
    if (connection.state !== 'ready') return;
    try {
      if (await this.takeTurn()) await this.store.trimIndex();
    } catch (error) {
      const reason = messageOf(error);
      if (isForbidden(reason)) {
        // Its user will not be allowed it later either, and who only looks at images need not be.
        clearInterval(this.timer);
        this.onProblem(`The index of expired images is left to others, for example an agent: ${reason}`);
      } else if (connection.state === 'ready') this.onProblem(reason);
    }
  }

  private async takeTurn(): Promise<boolean> {
    try {
      return (await this.turn.take()) === null;
    } catch (error) {
      // A full Redis takes no note of the turn, but lets entries be removed, and that makes room.
      if (/OOM/.test(messageOf(error))) return true;
      throw error;
    }
  }
}
