import { setTimeout } from 'node:timers/promises';
import type { RedisClient, RedisConnection } from './redis-connection';

/** How long to wait before the next try, in milliseconds. */
const pause = 500;

/**
 * Reads over a connection of its own, as a command that waits needs, and begins anew with another one whenever Redis
 * breaks it off, until the signal aborts. What is read is handed on.
 * @param read reads over a client until the signal aborts; what it throws begins anew
 * @param refusal says which error to throw instead, where none of the next tries would do better
 */
export async function* readOverOwnConnection<T>(
  connection: RedisConnection,
  signal: AbortSignal,
  read: (client: RedisClient) => AsyncGenerator<T>,
  refusal: (error: unknown) => unknown,
): AsyncGenerator<T> {
  while (!signal.aborted) {
    let client: RedisClient | undefined;
    const stop = () => {
      if (client?.isOpen) client.destroy();
    };
    signal.addEventListener('abort', stop);
    try {
      await connection.ready(signal);
      client = connection.duplicate();
      await client.connect();
      yield* read(client);
    } catch (error) {
      const refused = refusal(error);
      if (refused !== undefined) throw refused;
      connection.isElsewhere(error);
      // The connection of the store tells of a lost Redis. What breaks while that one stands (a refused command,
      // say) must not turn into a busy loop.
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }
}
