import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LiveFrameWriter } from '../../core/live-frame-writer';
import { messageOf } from '../../core/luxcam-error';
import type { RedisConnection } from '../../core/redis-connection';
import type { Frame } from '../cameras/camera';
import { FrameScaler } from './frame-scaler';
import type { LiveSettings } from './live-settings';

/** How long to wait before asking again whether somebody looks, and after a frame that failed. In milliseconds. */
const pauseMilliseconds = 1000;

export interface LiveCameraParts {
  name: string;
  settings: LiveSettings;
  connection: RedisConnection;
  /** Takes a frame, best of this width; null if it gave way to a capture. Rejects with what went wrong, in words. */
  takeFrame: (width: number) => Promise<Frame | null>;
  log: Logger;
}

/**
 * Sends one camera's live frames while somebody looks, and asks once a second whether somebody does. Its failures are
 * its own: the first of each time that somebody looks is a line in the log, and captures notice nothing.
 */
export class LiveCamera {
  private readonly parts: LiveCameraParts;
  private readonly writer: LiveFrameWriter;
  private readonly scaler: FrameScaler;
  private readonly stopped = new AbortController();
  /** What kept it last from asking whether somebody looks. */
  private refusal = '';

  constructor(parts: LiveCameraParts) {
    this.parts = parts;
    this.writer = new LiveFrameWriter(parts.connection, parts.name);
    this.scaler = new FrameScaler({ width: parts.settings.width, log: parts.log });
  }

  /** Works in the background until the stop. */
  start(): void {
    void this.work();
  }

  /** Begins no further frame. */
  stop(): void {
    this.stopped.abort();
  }

  private async work(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      if (await this.isWatched()) await this.sendWhileWatched();
      await this.pause(pauseMilliseconds);
    }
  }

  private async sendWhileWatched(): Promise<void> {
    const { settings, connection, log } = this.parts;
    log.info('live frames begin: somebody looks');
    const before = this.writer.sent;
    let failures = 0;
    let due = performance.now();
    for (let watched = true; watched && !this.stopped.signal.aborted; ) {
      try {
        watched = await this.sendFrame();
        // What was late is not caught up with.
        due = Math.max(due + 1000 / settings.fps, performance.now());
        await this.pause(due - performance.now());
      } catch (error) {
        if (this.stopped.signal.aborted) return;
        failures += 1;
        // The connection itself tells of a lost Redis.
        if (failures === 1 && connection.state === 'ready')
          log.warn(`a live frame failed, and is tried again: ${messageOf(error)}`);
        await this.pause(pauseMilliseconds);
        watched = await this.isWatched();
      }
    }
    log.info({ sent: this.writer.sent - before, failures }, 'live frames end');
  }

  /** Returns whether somebody still looks. */
  private async sendFrame(): Promise<boolean> {
    const { takeFrame, settings } = this.parts;
    const frame = await takeFrame(settings.width);
    if (frame === null || this.stopped.signal.aborted) return true;
    return await this.writer.send(await this.scaler.scale(frame.jpeg), frame.capturedAt);
  }

  private async isWatched(): Promise<boolean> {
    const { connection, log } = this.parts;
    if (connection.state !== 'ready') return false;
    try {
      const watched = await this.writer.watched();
      this.refusal = '';
      return watched;
    } catch (error) {
      const refusal = messageOf(error);
      // The connection itself tells of a lost Redis, and a refusal is told once.
      if (connection.state === 'ready' && refusal !== this.refusal) log.warn(refusal);
      this.refusal = refusal;
      return false;
    }
  }

  /** Waits, but no longer than until the stop. */
  private async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}
