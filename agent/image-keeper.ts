import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { NewImage, StoredImage } from '../core/image';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import type { RedisImageStore } from '../core/redis-image-store';
import { clockSetSince, readClock } from './clock';
import type { Spool, SpooledImage } from './spool';

/** How long Redis may take for one image, in milliseconds, before the image goes to the disk. */
const patience = 5000;

/** How long to wait before Redis is tried again when it stands but refuses, in milliseconds. */
const retryPause = 2000;

export interface ImageKeeperParts {
  store: RedisImageStore;
  spool: Spool;
  log: Logger;
  /** Is called after each image that was brought from the disk to Redis. */
  onChange: () => void;
}

/**
 * Keeps a camera's images: in Redis, or on disk while Redis is away, hangs or refuses, and brings those to Redis
 * afterwards, in order. While images wait on disk new ones queue up behind them there.
 */
export class ImageKeeper {
  private readonly parts: ImageKeeperParts;
  private readonly stopped = new AbortController();
  private usable = false;
  private replaying: Promise<void> | undefined;

  constructor(parts: ImageKeeperParts) {
    this.parts = parts;
  }

  /** How many images wait on disk. */
  get waiting(): number {
    return this.parts.spool.count;
  }

  /** How many bytes of the disk they take. */
  get waitingBytes(): number {
    return this.parts.spool.size;
  }

  /** How many images were dropped from the disk for want of room. */
  get dropped(): number {
    return this.parts.spool.dropped;
  }

  /** Takes up what an earlier run has left on disk. Without a usable disk it goes on with Redis alone, and says so. */
  async start(): Promise<void> {
    const { spool, log } = this.parts;
    try {
      await spool.open();
      this.usable = true;
    } catch (error) {
      log.error(`${messageOf(error)}. Until then images are lost while Redis is away`);
    }
    if (spool.count > 0) log.info({ spooled: spool.count }, 'images of an earlier run wait for Redis');
    this.replay();
  }

  /**
   * Keeps an image. Returns it as it is in Redis, or null if it waits on disk.
   * Throws a LuxcamError `store_unavailable` if neither takes it.
   */
  async keep(image: NewImage): Promise<StoredImage | null> {
    const { spool } = this.parts;
    if (spool.count > 0) return this.spoolImage(image);
    try {
      return await this.put(image);
    } catch (error) {
      if (!this.usable || !(error instanceof LuxcamError)) throw error;
      return this.spoolImage(image, error);
    }
  }

  /** Stops after the image that is on its way; what waits on disk waits for the next start. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.replaying;
  }

  private async spoolImage(image: NewImage, cause?: LuxcamError): Promise<null> {
    try {
      await this.parts.spool.add({ image, clock: readClock() });
    } catch (error) {
      const both = cause ? `${cause.message}; and ${messageOf(error)}` : messageOf(error);
      throw new LuxcamError('store_unavailable', both, { cause: error });
    }
    this.replay();
    return null;
  }

  private async put(image: NewImage): Promise<StoredImage> {
    const { store } = this.parts;
    const late = new AbortController();
    const timeout = setTimeout(patience, undefined, { signal: late.signal }).then(
      () => {
        throw store.connection.unavailable(`The image of ${image.camera} could not be stored`, 'nothing for 5 s');
      },
      () => new Promise<never>(() => undefined),
    );
    return Promise.race([store.put(image), timeout]).finally(() => late.abort());
  }

  private replay(): void {
    this.replaying ??= this.replayAll().finally(() => {
      this.replaying = undefined;
    });
  }

  private async replayAll(): Promise<void> {
    const { spool, store, log, onChange } = this.parts;
    const { signal } = this.stopped;
    let refused = '';
    while (spool.count > 0 && !signal.aborted) {
      try {
        await store.connection.ready(signal);
        const spooled = await spool.oldest();
        if (spooled === null) break;
        await this.bring(spooled);
        await spool.remove(spooled.file);
        refused = '';
        onChange();
      } catch (error) {
        if (signal.aborted) return;
        // Once for each reason, not once for each attempt.
        if (messageOf(error) !== refused)
          log.warn({ spooled: spool.count }, `images wait on disk: ${messageOf(error)}`);
        refused = messageOf(error);
        await setTimeout(retryPause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async bring({ image, clock }: SpooledImage): Promise<void> {
    const { log } = this.parts;
    const capturedAt = image.capturedAt + clockSetSince(clock);
    if (capturedAt + image.ttl * 1000 <= Date.now()) {
      log.warn({ captured_at: new Date(capturedAt).toISOString() }, 'an image expired while it waited on disk');
      return;
    }
    const stored = await this.put({ ...image, capturedAt });
    log.info({ id: stored.id, trigger: stored.trigger, spooled: this.waiting - 1 }, 'stored from disk');
  }
}
