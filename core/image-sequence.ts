import { imageId, parseImageId } from './image';
import type { RedisConnection } from './redis-connection';

/** The place that a new image gets: no other image of the camera has the same. */
export interface Place {
  id: string;
  sequence: number;
}

/** Gives each new image an id and a sequence number of its own. */
export interface ImageSequence {
  /** `capturedAt` in unix milliseconds; the id carries the next free millisecond. */
  next(camera: string, capturedAt: number): Promise<Place>;
  /** Tells that the image of a place was stored. */
  stored(camera: string, place: Place): void;
  /** Tells that the image of a place may not have been stored, so that its number is not lost. */
  failed(camera: string): void;
  /** Whether the transaction of the image has to write the sequence number. */
  readonly writesSequence: boolean;
}

/** Unix milliseconds and number of the last image. */
interface Last {
  capturedAt: number;
  sequence: number;
}

/** What the next image follows, and the first time that an image further ahead has taken: infinite if there is none. */
interface Seed extends Last {
  ahead: number;
}

/** How far ahead of Redis' clock the time of an image may be, in milliseconds. Beyond, it was taken by a wrong clock. */
const farthestAhead = 60_000;

/** The latest time, in unix milliseconds, that is believed to be that of an image. */
export function latestBelieved({ clockCorrection }: RedisConnection): number {
  return Date.now() + clockCorrection + farthestAhead;
}

/**
 * For the only writer of a camera, which an agent is: ids and numbers are counted here, and begin where Redis'
 * index ends. Giving one out costs no round trip. Images whose time is far ahead are not followed, or all ids would be of
 * their time; each is asked for when its time has come.
 */
export class OwnedSequence implements ImageSequence {
  readonly writesSequence = true;
  private readonly connection: RedisConnection;
  private readonly last = new Map<string, Promise<Seed>>();
  /** A Redis that is given up for its copy may lose what it has acknowledged last: its id and number are not given again. */
  private readonly acknowledged = new Map<string, Last>();

  constructor(connection: RedisConnection) {
    this.connection = connection;
  }

  async next(camera: string, capturedAt: number): Promise<Place> {
    const before = this.last.get(camera) ?? this.seed(camera);
    const now = before.then((last) => this.follow(camera, last, Math.floor(capturedAt)));
    this.last.set(camera, now);
    now.catch(() => this.failed(camera));
    const place = await now;
    return { id: imageId(camera, place.capturedAt), sequence: place.sequence };
  }

  stored(camera: string, { id, sequence }: Place): void {
    this.acknowledged.set(camera, { capturedAt: parseImageId(id).capturedAt, sequence });
  }

  failed(camera: string): void {
    this.last.delete(camera);
  }

  private async follow(camera: string, last: Seed, wanted: number): Promise<Seed> {
    let capturedAt = Math.max(wanted, last.capturedAt + 1);
    let { ahead } = last;
    while (capturedAt >= ahead) {
      ahead = await this.firstFrom(camera, capturedAt);
      if (ahead === capturedAt) capturedAt += 1;
    }
    return { capturedAt, sequence: last.sequence + 1, ahead };
  }

  private async seed(camera: string): Promise<Seed> {
    const { client, keys } = this.connection;
    const latest = latestBelieved(this.connection);
    const newestFirst = { BY: 'SCORE', REV: true, LIMIT: { offset: 0, count: 1 } } as const;
    const [newest, ahead, sequence] = await Promise.all([
      client.zRangeWithScores(keys.images(camera), latest, '-inf', newestFirst),
      this.firstFrom(camera, latest),
      client.hGet(keys.sequences(), camera),
    ]);
    const own = this.acknowledged.get(camera);
    return {
      capturedAt: Math.max(newest[0]?.score ?? 0, own?.capturedAt ?? 0),
      sequence: Math.max(Number(sequence ?? 0), own?.sequence ?? 0),
      ahead,
    };
  }

  /** The time of the first image in the index from a time on; infinite if there is none. */
  private async firstFrom(camera: string, capturedAt: number): Promise<number> {
    const { client, keys } = this.connection;
    const range = { BY: 'SCORE', LIMIT: { offset: 0, count: 1 } } as const;
    const [first] = await client.zRangeWithScores(keys.images(camera), capturedAt, '+inf', range);
    return first?.score ?? Number.POSITIVE_INFINITY;
  }
}

/** For writers that share a camera, as flows do: each id is claimed in Redis before it is used. */
export class SharedSequence implements ImageSequence {
  readonly writesSequence = false;
  private readonly connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.connection = connection;
  }

  async next(camera: string, capturedAt: number): Promise<Place> {
    const { client, keys } = this.connection;
    const [id, sequence] = await Promise.all([
      claimId(this.connection, camera, capturedAt),
      client.hIncrBy(keys.sequences(), camera, 1),
    ]);
    return { id, sequence };
  }

  stored(): void {}

  failed(): void {}
}

/** Claims the id of an image in Redis before the image is there. It carries the next free millisecond. */
export async function claimId({ client, keys }: RedisConnection, camera: string, capturedAt: number): Promise<string> {
  for (let at = Math.floor(capturedAt); ; at += 1) {
    const id = imageId(camera, at);
    if ((await client.hSetNX(keys.image(id), 'camera', camera)) === 0) continue;
    // A writer that dies between its claim and its image leaves nothing behind for longer than a minute.
    await client.pExpire(keys.image(id), 60_000);
    return id;
  }
}
