import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf } from './luxcam-error';
import { isForbidden } from './redis-advice';
import type { RedisImageStore } from './redis-image-store';
import { holdScript, releaseScript } from './redis-scripts';

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
  private readonly token = randomUUID();
  private readonly since = new Date().toISOString();
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

  /** Gives the turn to the next one. Where that fails, it is free when its time is over. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    const { connection } = this.store;
    if (connection.state !== 'ready') return;
    const turn = { keys: [connection.keys.trimmer()], arguments: [this.token] };
    await connection.run((client) => client.eval(releaseScript, turn)).catch(() => undefined);
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
    const { connection } = this.store;
    const turn = [this.token, hostname(), this.since, `${turnMilliseconds}`];
    try {
      const holder = await connection.run((client) =>
        client.eval(holdScript, { keys: [connection.keys.trimmer()], arguments: turn }),
      );
      return Array.isArray(holder) && holder.length === 0;
    } catch (error) {
      // A full Redis takes no note of the turn, but lets entries be removed, and that makes room.
      if (/OOM/.test(messageOf(error))) return true;
      throw error;
    }
  }
}
