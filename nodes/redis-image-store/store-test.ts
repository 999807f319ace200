import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { LuxcamError } from '../../core/luxcam-error';
import { RedisConnection, type RedisSettings } from '../../core/redis-connection';
import { redisInfo } from '../../core/redis-info';

/** What a Redis says of itself. What its access rules do not let us ask is null. */
export interface StoreReport {
  address: string;
  version: string | null;
  /** Whether it is a copy of another Redis, which takes no images. */
  copy: boolean;
  /** The median time to an answer, in milliseconds. */
  latency: number;
  /** In bytes; `limit` is 0 where none is set. `policy` says what happens when it is reached. */
  memory: { used: number; limit: number; policy: string } | null;
}

/** Milliseconds after which a Redis counts as not answering. */
const patience = 6000;

const pings = 5;

/**
 * Connects to a Redis, asks it about itself and leaves again. Throws a LuxcamError: `store_unavailable` with the
 * reason if it can't be used, `invalid_request` if the URL is none. No secret stands in either.
 */
export async function testStore(settings: RedisSettings): Promise<StoreReport> {
  const connection = new RedisConnection(settings);
  try {
    connection.start();
    await once(connection, 'state', { signal: AbortSignal.timeout(patience) }).catch(() => undefined);
    if (connection.state === 'connecting')
      throw new LuxcamError('store_unavailable', `Redis at ${connection.address} does not answer.`);
    if (connection.state === 'offline')
      throw connection.unavailable('There is no connection', new Error(connection.problem ?? ''));
    return await report(connection).catch((error: unknown) => {
      throw connection.unavailable('Redis can not be asked', error);
    });
  } finally {
    await connection.stop();
  }
}

async function report(connection: RedisConnection): Promise<StoreReport> {
  const times = [];
  for (let ping = 0; ping < pings; ping += 1) {
    const begin = performance.now();
    await connection.client.ping();
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const info = await redisInfo(connection);
  const policy = info?.get('maxmemory_policy');
  return {
    address: connection.address,
    version: info?.get('redis_version') ?? null,
    copy: info?.get('role') === 'slave',
    latency: times[Math.floor(pings / 2)] ?? 0,
    memory:
      policy === undefined
        ? null
        : { used: Number(info?.get('used_memory')), limit: Number(info?.get('maxmemory')), policy },
  };
}
