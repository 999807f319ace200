import { RedisConnection } from '../core/redis-connection';
import { RedisImageStore } from '../core/redis-image-store';

/** A store as an agent has it, connected: with an outbox, and the only writer of its cameras. */
export async function connectStore(url: string, prefix: string): Promise<RedisImageStore> {
  const connection = new RedisConnection({ url, prefix });
  connection.start();
  await connection.ready(AbortSignal.timeout(10_000));
  return new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
}
