import { besideNode } from '../../core/cluster-nodes';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { redisUrls } from '../../core/redis-address';
import type { RedisConnection, RedisSettings } from '../../core/redis-connection';
import { withStore } from './store';

/**
 * Lets `work` use a connection to each Redis in which old images may lie: the one of the settings, or each primary of
 * its cluster, for the keys of the older programs lie in all slots. Throws a LuxcamError `store_unavailable`, also if
 * one of the primaries is away.
 */
export function withSources<T>(
  settings: RedisSettings,
  work: (connections: RedisConnection[]) => Promise<T>,
): Promise<T> {
  return withStore(settings, async ({ connection }) => {
    const primaries = await primariesOf(settings, connection);
    return primaries === null ? work([connection]) : withEach(primaries, [], work);
  });
}

function withEach<T>(
  [next, ...others]: RedisSettings[],
  connected: RedisConnection[],
  work: (connections: RedisConnection[]) => Promise<T>,
): Promise<T> {
  if (next === undefined) return work(connected);
  return withStore(next, ({ connection }) => withEach(others, [...connected, connection], work));
}

/** The settings for each primary of a cluster, as a node says that is connected; null if it belongs to none. */
async function primariesOf(settings: RedisSettings, connection: RedisConnection): Promise<RedisSettings[] | null> {
  const ranges = await connection.client.clusterSlots().catch((error: unknown) => {
    if (/^ERR .*(cluster support disabled|unknown command)/i.test(messageOf(error))) return null;
    throw connection.unavailable('Whether the old images lie in a Redis Cluster can not be asked', error);
  });
  if (ranges === null) return null;
  const [asked] = redisUrls(settings.url);
  if (asked.protocol === 'unix:')
    throw new LuxcamError(
      'invalid_request',
      `The old images lie in a Redis Cluster, whose nodes are not reached by a socket: name one of them by redis:// (${connection.address})`,
    );
  asked.host = connection.address;
  // A primary with several ranges of slots is told several times.
  const urls = new Set(ranges.map(({ master }) => besideNode(asked, master.host, master.port).href));
  return [...urls].map((url) => ({ ...settings, url, cluster: false }));
}
