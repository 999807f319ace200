import { EventEmitter, once } from 'node:events';
import { frameLife, type LiveFrame } from '../core/live-frame';
import { LiveFrameReader } from '../core/live-frame-reader';
import { LuxcamError } from '../core/luxcam-error';
import type { RedisConnection } from '../core/redis-connection';

/** How long a camera is followed after the last visitor was given a frame: he may just be on his way to ask again. */
const patienceMilliseconds = 2000;

/** One camera's live frames for all who look at it: read from Redis once, and only while somebody asks. */
export class FollowedCamera {
  private readonly reader: LiveFrameReader;
  private readonly onEnd: () => void;
  private readonly events = new EventEmitter<{ frame: []; error: [unknown] }>().setMaxListeners(0);
  private readonly stopped = new AbortController();
  /** The newest one. */
  private frame: LiveFrame | null = null;
  /** When it came, by the clock that never jumps. */
  private cameAt = 0;
  private asking = 0;
  private idle: NodeJS.Timeout | undefined;

  /** `onEnd` is called when it is of no more use: nobody asks any more, or Redis refuses. */
  constructor(connection: RedisConnection, camera: string, onEnd: () => void) {
    this.reader = new LiveFrameReader(connection, camera);
    this.onEnd = onEnd;
  }

  start(): void {
    this.follow().catch((error: unknown) => this.end(error));
  }

  /**
   * The newest frame, as soon as its number is above `after`. Rejects with the signal's AbortError, and with a LuxcamError
   * `store_unavailable` if Redis' user may not read frames, or the gallery is no more.
   */
  async next(after: number, signal: AbortSignal): Promise<LiveFrame> {
    this.asking += 1;
    clearTimeout(this.idle);
    try {
      for (;;) {
        if (this.frame !== null && performance.now() - this.cameAt < frameLife && this.frame.number > after)
          return this.frame;
        await once(this.events, 'frame', { signal });
      }
    } finally {
      this.asking -= 1;
      if (this.asking === 0) this.idle = setTimeout(() => this.stop(), patienceMilliseconds).unref();
    }
  }

  stop(): void {
    this.end(new LuxcamError('store_unavailable', 'The gallery is being deployed: try again in a moment'));
  }

  private async follow(): Promise<void> {
    for await (const frame of this.reader.frames(this.stopped.signal)) {
      this.frame = frame;
      this.cameAt = performance.now();
      this.events.emit('frame');
    }
  }

  /** Ends it, and tells all who wait why. */
  private end(error: unknown): void {
    this.stopped.abort();
    this.onEnd();
    // An emitter throws where nobody listens.
    if (this.events.listenerCount('error') > 0) this.events.emit('error', error);
    clearTimeout(this.idle);
  }
}
