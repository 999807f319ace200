import { messageOf } from './luxcam-error';
import type { RedisConnection } from './redis-connection';

/** What a Redis says of itself, by the names of its `INFO`: `redis_version`, `role`, `used_memory`, `maxmemory`, ... */
export type RedisInfo = ReadonlyMap<string, string>;

/**
 * Asks Redis about itself. Returns null where the access rules forbid INFO: nothing is known then, but the connection
 * itself stands. Throws a LuxcamError `store_unavailable`.
 */
export async function redisInfo(connection: RedisConnection, section?: 'memory'): Promise<RedisInfo | null> {
  try {
    const text = await connection.run((client) => client.info(section));
    return new Map(
      text.split('\r\n').flatMap((line) => {
        const at = line.indexOf(':');
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
      }),
    );
  } catch (error) {
    if (messageOf(error).startsWith('NOPERM')) return null;
    throw connection.unavailable('Redis can not be asked about itself', error);
  }
}
