import { EventEmitter, once } from 'node:events';
import { createClient } from 'redis';
import { LuxcamError, messageOf } from './luxcam-error';
import { RedisKeys } from './redis-keys';

/** How to reach Redis. */
export interface RedisSettings {
  /** `redis://` or `rediss://` with optional credentials and database number, or `unix:///path/to/socket`. */
  url: string;
  /** Goes before every key. */
  prefix: string;
  /** Take the place of the credentials in the URL. */
  username?: string;
  password?: string;
}

export type ConnectionState = 'connecting' | 'ready' | 'offline';

/** A node-redis client as luxcam uses it. */
export type RedisClient = ReturnType<typeof createRedisClient>;

/** Beyond this difference to Redis' clock, ours is taken for wrong and images are stamped with Redis' time. */
const wrongClockMilliseconds = 60_000;

interface ConnectionEvents {
  /** The state has changed; the second value is what went wrong, in words, where something did. */
  state: [ConnectionState, string | null];
}

/**
 * The connection to Redis: it connects in the background, reconnects for ever, and knows honestly
 * whether it stands. While it does not, commands are rejected at once instead of piling up.
 */
export class RedisConnection extends EventEmitter<ConnectionEvents> {
  readonly client: RedisClient;
  readonly keys: RedisKeys;
  /** Host and port, or the socket's path: fit to be shown. */
  readonly address: string;
  state: ConnectionState = 'connecting';
  /** What went wrong last, in words; null while all is well. */
  problem: string | null = null;
  /** Redis' clock minus this machine's, in milliseconds. */
  clockOffset = 0;
  private clockTimer: NodeJS.Timeout | undefined;

  /** Throws a LuxcamError `invalid_request` if the URL is none. */
  constructor(settings: RedisSettings) {
    super();
    this.setMaxListeners(0);
    this.keys = new RedisKeys(settings.prefix);
    this.address = redisAddress(settings.url);
    // A Redis that hangs answers no ping: the socket's own time-out then ends the connection.
    this.client = createRedisClient(settings, { pingInterval: 4000, socketTimeout: 10_000 });
  }

  /** Begins to connect. It never fails: whether the connection stands is told by `state`. */
  start(): void {
    this.client.on('ready', () => {
      // A user who may not ask for the time is believed to have the same. Where the connection broke during the
      // measurement, its own error event tells why.
      this.measureClock()
        .catch(() => undefined)
        .then(() => this.client.isReady && this.change('ready', null));
    });
    const fail = (error: unknown) => this.change('offline', `${messageOf(error)}${advice(messageOf(error))}`);
    this.client.on('error', fail);
    this.client.connect().catch(fail);
    this.clockTimer = setInterval(() => this.measureClock().catch(() => undefined), 300_000).unref();
  }

  /** Resolves as soon as the connection stands. Rejects when the signal aborts. */
  async ready(signal?: AbortSignal): Promise<void> {
    while (this.state !== 'ready') await once(this, 'state', signal ? { signal } : undefined);
  }

  /** What to add to this machine's time: 0, or the offset to Redis' clock if ours is plainly wrong. */
  get clockCorrection(): number {
    return Math.abs(this.clockOffset) > wrongClockMilliseconds ? this.clockOffset : 0;
  }

  /** A second client with the same settings, for commands that block. The caller connects and destroys it. */
  duplicate(): RedisClient {
    const client = this.client.duplicate({ pingInterval: undefined });
    // This client's errors are those of the first one, which tells them.
    client.on('error', () => undefined);
    return client;
  }

  /** A LuxcamError `store_unavailable` that says what Redis answered. */
  unavailable(what: string, cause: unknown): LuxcamError {
    const said = `${messageOf(cause)}${advice(messageOf(cause))}`;
    const reason = this.state === 'ready' ? said : (this.problem ?? said);
    return new LuxcamError('store_unavailable', `${what}: Redis at ${this.address} answers: ${reason}`, { cause });
  }

  /** Ends the connection. */
  async stop(): Promise<void> {
    clearInterval(this.clockTimer);
    this.removeAllListeners();
    if (this.client.isReady) await this.client.close();
    else if (this.client.isOpen) this.client.destroy();
  }

  private async measureClock(): Promise<void> {
    const before = Date.now();
    const [seconds, microseconds] = await this.client.sendCommand<[string, string]>(['TIME']);
    const redisTime = Number(seconds) * 1000 + Number(microseconds) / 1000;
    this.clockOffset = Math.round(redisTime - (before + Date.now()) / 2);
  }

  private change(state: ConnectionState, problem: string | null): void {
    if (this.state === state && this.problem === problem) return;
    this.state = state;
    this.problem = problem;
    this.emit('state', state, problem);
  }
}

function createRedisClient(settings: RedisSettings, options: { pingInterval: number; socketTimeout: number }) {
  const url = parseUrl(settings.url);
  const reconnectStrategy = (retries: number) => Math.min(50 * 2 ** retries, 2000) + Math.random() * 100;
  const { socketTimeout, pingInterval } = options;
  return createClient({
    ...(url.protocol === 'unix:'
      ? { socket: { path: url.pathname, tls: false, reconnectStrategy, socketTimeout, connectTimeout: 5000 } }
      : { url: url.href, socket: { reconnectStrategy, socketTimeout, connectTimeout: 5000 } }),
    ...(settings.username && { username: settings.username }),
    ...(settings.password && { password: settings.password }),
    pingInterval,
    disableOfflineQueue: true,
    // node-redis' time-out ends a command only before it is sent, which is at once here, and costs a timer and an
    // AbortSignal for each that live on for 5 s: a gallery under load spent an eighth of its time to clear them away.
    commandOptions: { timeout: undefined },
    // Debian 12's Redis 7.0 does not know the notifications that node-redis asks for by default.
    maintNotifications: 'disabled',
  });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['redis:', 'rediss:', 'unix:'].includes(url.protocol)) return url;
  throw new LuxcamError(
    'invalid_request',
    'The Redis URL is not one: it must look like redis://host:6379, rediss://host:6379 or unix:///run/redis/redis.sock',
  );
}

/** Host and port (or socket path) of a Redis URL, without its credentials. Throws as the connection does. */
export function redisAddress(text: string): string {
  const url = parseUrl(text);
  return url.protocol === 'unix:' ? url.pathname : `${url.hostname}:${url.port || '6379'}`;
}

/** Whether Redis answers that its access rules forbid a command or a key; within a script it says so in words alone. */
export function isForbidden(reason: string): boolean {
  return /NOPERM|The user executing the script can't/.test(reason);
}

/** What to do about the answers of Redis that people meet. */
function advice(reason: string): string {
  if (/NOAUTH|WRONGPASS/.test(reason)) return ' - check the user name and password';
  if (isForbidden(reason))
    return ' - its user may not do this: allow it that command, and the keys with its prefix (docs/tenants.md)';
  if (/OOM/.test(reason))
    return " - its memory is full: raise 'maxmemory', shorten the ttl, or set maxmemory-policy volatile-ttl";
  if (/ECONNREFUSED|ENOENT/.test(reason)) return ' - is redis-server running there?';
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return ' - check the host name';
  return '';
}
