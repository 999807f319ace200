import { createClient } from 'redis';
import type { Certificates } from './certificates';

/** How to reach Redis. */
export interface RedisSettings {
  /**
   * `redis://` or `rediss://` with optional credentials and database number, or `unix:///path/to/socket`. For a cluster
   * one or more of its nodes, with commas between them.
   */
  url: string;
  /** Goes before every key. With a cluster it holds a hash tag: `{house1}:`. */
  prefix: string;
  /** Take the place of the credentials in the URL. */
  username?: string;
  password?: string;
  /** Whether it is a Redis Cluster. */
  cluster?: boolean;
  /** For `rediss://`: whom to trust besides those that Node.js trusts, and our own certificate. */
  tls?: Certificates;
}

/** A node-redis client as luxcam uses it. */
export type RedisClient = ReturnType<typeof createRedisClient>;

export interface ClientOptions {
  /** Whether it connects again by itself. Where not, its first error ends it. */
  reconnect: boolean;
  /** Every so many milliseconds it is asked whether it is there. */
  pingInterval?: number;
  /** A server that says nothing for so many milliseconds while it is asked counts as lost. */
  socketTimeout: number;
}

/** Of a connection that stays: a Redis that hangs answers no ping, and the socket's own time-out then ends it. */
export const liveliness = { pingInterval: 4000, socketTimeout: 10_000 };

/** Builds a client, which is not connected yet, for one of the settings' URLs or for another node of the cluster. */
export function createRedisClient(settings: RedisSettings, url: URL, options: ClientOptions) {
  const { reconnect, pingInterval, socketTimeout } = options;
  const patience = { reconnectStrategy: reconnect && reconnectDelay, socketTimeout, connectTimeout: 5000 };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const place = { host, port: Number(url.port || 6379), ...patience };
  const { rejectUnauthorized = true, ...certificates } = settings.tls ?? {};
  const username = settings.username || decodeURIComponent(url.username);
  const password = settings.password || decodeURIComponent(url.password);
  return createClient({
    ...(url.protocol === 'unix:'
      ? { socket: { path: url.pathname, tls: false, ...patience } }
      : url.protocol === 'rediss:'
        ? { socket: { ...place, tls: true, rejectUnauthorized, ...certificates } }
        : { socket: place }),
    ...(username && { username }),
    ...(password && { password }),
    ...(url.protocol !== 'unix:' && { database: Number(url.pathname.slice(1)) }),
    ...(pingInterval !== undefined && { pingInterval }),
    disableOfflineQueue: true,
    // node-redis' time-out ends a command only before it is sent, which is at once here, and costs a timer and an
    // AbortSignal for each that live on for 5 s: a gallery under load spent an eighth of its time to clear them away.
    commandOptions: { timeout: undefined },
    // Debian 12's Redis 7.0 does not know the notifications that node-redis asks for by default.
    maintNotifications: 'disabled',
  });
}

/** How many milliseconds to wait before Redis is tried once more. */
export function reconnectDelay(retries: number): number {
  return Math.min(50 * 2 ** retries, 2000) + Math.random() * 100;
}
