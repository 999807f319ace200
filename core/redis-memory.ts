import type { RedisConnection } from './redis-connection';
import { redisInfo } from './redis-info';

/** Redis' memory in bytes. */
export interface RedisMemory {
  used: number;
  /** Its `maxmemory`; 0 where there is no limit. */
  limit: number;
  /** What is left up to the limit; null where there is none. */
  room: number | null;
}

/**
 * What Redis says of its memory; null where its access rules keep us from asking (INFO).
 * Throws a LuxcamError `store_unavailable`.
 */
export async function redisMemory(connection: RedisConnection): Promise<RedisMemory | null> {
  const info = await redisInfo(connection, 'memory');
  if (info === null) return null;
  const used = Number(info.get('used_memory') ?? 0);
  const limit = Number(info.get('maxmemory') ?? 0);
  return { used, limit, room: limit > 0 ? Math.max(0, limit - used) : null };
}
