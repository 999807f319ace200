import { RESP_TYPES } from 'redis';
import { z } from 'zod';
import { looksLikeJpeg } from './jpeg';
import { type LiveFrame, watchedLife } from './live-frame';
import { messageOf } from './luxcam-error';
import { readOverOwnConnection } from './own-connection';
import type { RedisClient, RedisConnection } from './redis-connection';

/** How long one read waits for a frame: shorter than the socket's time-out, which tells a hung Redis. */
const waitMilliseconds = 4000;

/** How often a reader says that it looks, in milliseconds: once may get lost. */
const renewalMilliseconds = watchedLife * 0.4;

/** What became of the frames since a reader began. */
export interface LiveCounts {
  /** Of those since the first that was seen. */
  sent: number;
  seen: number;
  /** Sent, but a newer one was there already when the reader came for the next. */
  skipped: number;
  /** Came a second time, and was not handed out again. Should never happen. */
  repeated: number;
  /** Came incomplete, and was not handed out. Should never happen. */
  torn: number;
}

const numberSchema = z.instanceof(Buffer).transform(Number).pipe(z.int().nonnegative());
const frameSchema = z
  .object({
    number: numberSchema,
    first: numberSchema,
    timestamp_ms: numberSchema,
    size: numberSchema,
    frame: z.instanceof(Buffer).refine(looksLikeJpeg),
  })
  .refine(({ size, frame }) => size === frame.length);
const replySchema = z
  .array(z.object({ messages: z.array(z.object({ id: z.instanceof(Buffer), message: z.unknown() })) }))
  .nullable();

/**
 * Reads a camera's live frames, always the newest: who comes late skips those in between, so nothing ever piles up.
 * While it reads the camera knows that somebody looks.
 */
export class LiveFrameReader {
  readonly counts: LiveCounts = { sent: 0, seen: 0, skipped: 0, repeated: 0, torn: 0 };
  private readonly connection: RedisConnection;
  private readonly camera: string;
  /** The last entry of the stream that was read. */
  private entry = '0-0';
  private last: LiveFrame | undefined;

  constructor(connection: RedisConnection, camera: string) {
    this.connection = connection;
    this.camera = camera;
  }

  /**
   * The frames, through lost connections, until the signal aborts. The next one is asked for when the consumer wants it.
   * Throws a LuxcamError `store_unavailable` if Redis' user may not read them.
   */
  async *frames(signal: AbortSignal): AsyncGenerator<LiveFrame> {
    // Where this fails Redis is away: the read fails too then, and after it `watch` is called anew.
    const renewal = setInterval(() => this.watch().catch(() => undefined), renewalMilliseconds);
    const stop = () => clearInterval(renewal);
    // At once, also where the consumer never asks for another: the camera would go on sending.
    signal.addEventListener('abort', stop);
    try {
      yield* readOverOwnConnection(
        this.connection,
        signal,
        (client) => this.readAll(client, signal),
        (error) => this.refusal(error),
      );
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  private async *readAll(client: RedisClient, signal: AbortSignal): AsyncGenerator<LiveFrame> {
    await this.watch();
    while (!signal.aborted) {
      const frame = await this.read(client);
      if (frame !== undefined && !signal.aborted) yield frame;
    }
  }

  private refusal(error: unknown): Error | undefined {
    if (!/NOPERM/.test(messageOf(error))) return undefined;
    return this.connection.unavailable(`The live frames of ${this.camera} can not be read`, error);
  }

  /** Says that somebody looks. */
  private async watch(): Promise<void> {
    const key = this.connection.keys.watched(this.camera);
    const expiration = { type: 'PX', value: watchedLife } as const;
    await this.connection.run((client) => client.set(key, '1', { expiration }));
  }

  /** The newest frame after the one before, as soon as there is one. Undefined if none came for a while. */
  private async read(client: RedisClient): Promise<LiveFrame | undefined> {
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const stream = { key: this.connection.keys.live(this.camera), id: this.entry };
    const reply = replySchema.parse(await binary.xRead(stream, { BLOCK: waitMilliseconds, COUNT: 1 }));
    const entry = reply?.[0]?.messages[0];
    if (entry === undefined) return undefined;
    this.entry = entry.id.toString();
    return this.count(entry.message);
  }

  private count(message: unknown): LiveFrame | undefined {
    const { counts, last } = this;
    const read = frameSchema.safeParse(message);
    if (!read.success) {
      counts.torn += 1;
      return undefined;
    }
    const { number, first, timestamp_ms: capturedAt, frame: jpeg } = read.data;
    const sameRun = last?.first === first;
    if (sameRun && number <= last.number) {
      counts.repeated += 1;
      return undefined;
    }
    // Of a run that has begun since, all frames before this one were missed; of the first one we see, none.
    const before = sameRun ? last.number : last === undefined ? number - 1 : first - 1;
    counts.sent += number - before;
    counts.skipped += number - before - 1;
    counts.seen += 1;
    this.last = { number, first, capturedAt, jpeg };
    return this.last;
  }
}
