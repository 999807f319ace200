import { frameLife } from './live-frame';
import type { RedisClient } from './redis-client';
import type { RedisConnection } from './redis-connection';

/**
 * Sends a camera's live frames. The newest one lies in Redis as the only entry of a stream: bytes and number are one
 * write, and readers wait for the next instead of asking again and again.
 */
export class LiveFrameWriter {
  /** How many frames were sent. */
  sent = 0;
  private readonly connection: RedisConnection;
  private readonly camera: string;
  private first = 0;

  constructor(connection: RedisConnection, camera: string) {
    this.connection = connection;
    this.camera = camera;
  }

  /** Whether somebody looks. Throws a LuxcamError `store_unavailable`. */
  async watched(): Promise<boolean> {
    const key = this.connection.keys.watched(this.camera);
    return (await this.asked((client) => client.exists(key))) === 1;
  }

  /**
   * Sends a frame, taken at `capturedAt` by this machine's clock in unix milliseconds, in one round trip. Returns whether
   * somebody still looks. Throws a LuxcamError `store_unavailable`.
   */
  async send(jpeg: Buffer, capturedAt: number): Promise<boolean> {
    const { keys, clockOffset } = this.connection;
    const key = keys.live(this.camera);
    // By Redis' clock, so that the numbers of a later run lie above: none sends more than one frame in a millisecond.
    if (this.first === 0) this.first = Math.round(Date.now() + clockOffset);
    const fields = {
      number: `${this.first + this.sent}`,
      first: `${this.first}`,
      timestamp_ms: `${Math.round(capturedAt + clockOffset)}`,
      size: `${jpeg.length}`,
      frame: jpeg,
    };
    const [, , watched] = await this.asked((client) =>
      client
        .multi()
        .xAdd(key, '*', fields, { TRIM: { strategy: 'MAXLEN', strategyModifier: '=', threshold: 1 } })
        .pExpire(key, frameLife)
        .exists(keys.watched(this.camera))
        .execTyped(),
    );
    this.sent += 1;
    return watched === 1;
  }

  private async asked<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.connection.run(commands);
    } catch (error) {
      throw this.connection.unavailable(`The live frames of ${this.camera} can not be sent`, error);
    }
  }
}
