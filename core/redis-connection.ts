import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { ClusterPrimary } from './cluster-primary';
import { LuxcamError, messageOf } from './luxcam-error';
import { addressOf, misfit, redisAddress, redisUrls } from './redis-address';
import { redisAdvice } from './redis-advice';
import { createRedisClient, liveliness, type RedisClient, type RedisSettings } from './redis-client';
import { RedisKeys } from './redis-keys';

export type { RedisClient, RedisSettings } from './redis-client';

export type ConnectionState = 'connecting' | 'ready' | 'offline';

/** Beyond this difference to Redis' clock, ours is taken for wrong and images are stamped with Redis' time. */
const wrongClockMilliseconds = 60_000;

/** How long commands are repeated while a cluster moves our keys to another node, and the pause between. In milliseconds. */
const redirectionPatience = 2000;
const redirectionPause = 50;

interface ConnectionEvents {
  /** The state has changed; the second value is what went wrong, in words, where something did. */
  state: [ConnectionState, string | null];
}

/**
 * The connection to Redis: it connects in the background, reconnects for ever, and knows honestly
 * whether it stands. While it does not, commands are rejected at once instead of piling up.
 * With a cluster it is one to the primary that has our keys, whichever that is at the moment.
 */
export class RedisConnection extends EventEmitter<ConnectionEvents> {
  /** With a cluster it is another one after each failover: ask for it anew each time. */
  client: RedisClient;
  readonly keys: RedisKeys;
  /** Host and port (of a cluster: of the primary that has our keys), or the socket's path: fit to be shown. */
  address: string;
  state: ConnectionState = 'connecting';
  /** What went wrong last, in words; null while all is well. */
  problem: string | null = null;
  /** Redis' clock minus this machine's, in milliseconds. */
  clockOffset = 0;
  private readonly cluster: ClusterPrimary | undefined;
  private clockTimer: NodeJS.Timeout | undefined;

  /** Throws a LuxcamError `invalid_request` if a URL is none, or the settings do not fit together. */
  constructor(settings: RedisSettings) {
    super();
    this.setMaxListeners(0);
    const fault = misfit(settings);
    if (fault !== undefined) throw new LuxcamError('invalid_request', `Redis: ${fault.message}`);
    this.keys = new RedisKeys(settings.prefix);
    this.address = redisAddress(settings.url);
    if (settings.cluster)
      this.cluster = new ClusterPrimary({
        settings,
        key: this.keys.cameras(),
        onClient: (client, url) => this.takeOver(client, url),
        onProblem: this.fail,
      });
    const [url] = redisUrls(settings.url);
    this.client = createRedisClient(settings, url, { ...liveliness, reconnect: !settings.cluster });
  }

  /** Begins to connect. It never fails: whether the connection stands is told by `state`. */
  start(): void {
    this.clockTimer = setInterval(() => this.measureClock().catch(() => undefined), 300_000).unref();
    if (this.cluster) this.cluster.start();
    else this.connect();
  }

  /** Resolves as soon as the connection stands. Rejects when the signal aborts. */
  async ready(signal?: AbortSignal): Promise<void> {
    while (this.state !== 'ready') await once(this, 'state', signal ? { signal } : undefined);
  }

  /**
   * Runs commands. If a node of a cluster answers that the keys lie elsewhere, it has done nothing: then they run once
   * more where the keys are, for up to two seconds while these are on their way. Throws what the commands throw.
   */
  async run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    const end = performance.now() + redirectionPatience;
    for (;;) {
      const { client } = this;
      try {
        return await commands(client);
      } catch (error) {
        if (!this.isElsewhere(error, client) || performance.now() > end) throw error;
        await setTimeout(redirectionPause);
      }
    }
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
    const advice = this.isElsewhere(cause)
      ? ' - the keys are on their way to another node'
      : redisAdvice(messageOf(cause));
    const said = `${messageOf(cause)}${advice}`;
    const reason = this.state === 'ready' ? said : (this.problem ?? said);
    return new LuxcamError('store_unavailable', `${what}: Redis at ${this.address} answers: ${reason}`, { cause });
  }

  /** Ends the connection. */
  async stop(): Promise<void> {
    this.cluster?.stop();
    clearInterval(this.clockTimer);
    this.removeAllListeners();
    if (this.client.isReady) await this.client.close();
    else if (this.client.isOpen) this.client.destroy();
  }

  /**
   * Whether an error is a cluster's answer that the keys are elsewhere (MOVED), or some of them (ASK, TRYAGAIN; in a
   * script its own words). Where they have gone for good, or the cluster is down, the connection leaves that node.
   */
  isElsewhere(error: unknown, client = this.client): boolean {
    if (this.cluster === undefined || !(error instanceof Error)) return false;
    if (/^(MOVED|CLUSTERDOWN) /.test(error.message) && client === this.client) this.cluster.leave(error);
    return /^(MOVED|ASK|TRYAGAIN) |non local key in a cluster/.test(error.message);
  }

  private connect(): void {
    this.client.on('ready', () => {
      // Where the connection broke during the measurement, its own error event tells why.
      this.measureClock()
        .catch(() => undefined)
        .then(() => this.client.isReady && this.change('ready', null));
    });
    this.client.on('error', this.fail);
    this.client.connect().catch(this.fail);
  }

  private async takeOver(client: RedisClient, url: URL): Promise<void> {
    const before = this.client;
    this.client = client;
    this.address = addressOf(url);
    // What is on its way over the other connection is still answered.
    if (before.isOpen) before.close().catch(() => before.destroy());
    await this.measureClock().catch(() => undefined);
    if (client.isReady) this.change('ready', null);
  }

  /** A user who may not ask for the time is believed to have the same. */
  private async measureClock(): Promise<void> {
    const before = Date.now();
    const [seconds, microseconds] = await this.client.sendCommand<[string, string]>(['TIME']);
    const redisTime = Number(seconds) * 1000 + Number(microseconds) / 1000;
    this.clockOffset = Math.round(redisTime - (before + Date.now()) / 2);
  }

  private readonly fail = (error: unknown): void => {
    this.change('offline', `${messageOf(error)}${redisAdvice(messageOf(error))}`);
  };

  private change(state: ConnectionState, problem: string | null): void {
    if (this.state === state && this.problem === problem) return;
    this.state = state;
    this.problem = problem;
    this.emit('state', state, problem);
  }
}
