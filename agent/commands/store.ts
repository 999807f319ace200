import { once } from 'node:events';
import { RedisConnection, type RedisSettings } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';

/** How long a command waits for Redis to answer at all, in milliseconds. */
const patience = 8000;

/**
 * Lets `work` use the images in Redis, and ends the connection afterwards. Unlike the agent, a command does not wait for
 * a Redis that is away: throws a LuxcamError `store_unavailable`.
 */
export async function withStore<T>(settings: RedisSettings, work: (store: RedisImageStore) => Promise<T>): Promise<T> {
  const connection = new RedisConnection(settings);
  connection.start();
  try {
    await reach(connection);
    return await work(new RedisImageStore({ connection, ownsCameras: false }));
  } finally {
    await connection.stop();
  }
}

async function reach(connection: RedisConnection): Promise<void> {
  if (connection.state === 'connecting')
    await once(connection, 'state', { signal: AbortSignal.timeout(patience) }).catch((error: unknown) => {
      throw connection.unavailable('The images can not be reached', new Error('nothing yet', { cause: error }));
    });
  if (connection.state !== 'ready') throw connection.unavailable('The images can not be reached', connection.problem);
}
