import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type CameraStatistics, imageStatistics } from '../core/image-statistics';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import type { RedisImageStore } from '../core/redis-image-store';
import { type RedisMemory, redisMemory } from '../core/redis-memory';

/** How many times longer than a look it rests after it, so that it takes a hundredth of Redis' time at the most. */
const restPerWork = 100;

export interface StoreWatchParts {
  store: RedisImageStore;
  cameras: string[];
  log: Logger;
  /** Is called after each look. */
  onChange: () => void;
  /** How long it rests after a look at the least, in milliseconds. */
  every?: number;
}

/** Knows about what lies in Redis of the agent's cameras, and how full Redis is: it looks about once a minute. */
export class StoreWatch {
  /** Null where it is not known, because Redis' access rules keep us from asking. */
  memory: RedisMemory | null = null;
  private readonly parts: StoreWatchParts;
  private readonly statistics = new Map<string, CameraStatistics>();
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;

  constructor(parts: StoreWatchParts) {
    this.parts = parts;
  }

  /** What lies in Redis of a camera; null before the first look. */
  of(camera: string): CameraStatistics | null {
    return this.statistics.get(camera) ?? null;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { store, onChange, log, every = 60_000 } = this.parts;
    const { signal } = this.stopped;
    for (let complaint = ''; !signal.aborted; ) {
      await store.connection.ready(signal).catch(() => undefined);
      if (signal.aborted) return;
      const began = performance.now();
      try {
        await this.look();
        complaint = '';
        onChange();
      } catch (error) {
        if (!(error instanceof LuxcamError)) throw error;
        // That Redis is away is told elsewhere.
        if (store.connection.state === 'ready' && messageOf(error) !== complaint) log.warn(messageOf(error));
        complaint = messageOf(error);
      }
      const rest = Math.max(every, (performance.now() - began) * restPerWork);
      await setTimeout(rest, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { store, cameras } = this.parts;
    this.memory = await redisMemory(store.connection);
    for (const camera of cameras) {
      if (this.stopped.signal.aborted) return;
      this.statistics.set(camera, await imageStatistics(store, camera));
    }
  }
}
