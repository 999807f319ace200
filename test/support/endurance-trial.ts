import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { StoredImage } from '../../core/image';
import { type Announcement, announcementSchema, type CapturedAnnouncement, parseJson } from '../../core/messages';
import { RedisConnection, type RedisSettings } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { luxcamProgram } from './luxcam-command';
import { TestMosquitto } from './mosquitto';
import { MqttListener } from './mqtt-listener';
import type { TestRedisCluster } from './redis-cluster';
import { TestRedis } from './redis-server';
import { ServerProcess } from './server-process';

/** What became of the images of a trial. */
export interface Verdict {
  stored: number;
  /** Announced, but not in Redis. */
  lost: string[];
  /** In Redis, but never announced. */
  unannounced: string[];
  /** How often something was announced again. */
  repeats: number;
  /** Announced before an image of the same camera that was captured earlier. */
  disorder: string[];
}

/**
 * An agent, a Redis that keeps all it has acknowledged and a broker, each a process of its own that can be killed at any
 * moment, and someone who hears every announcement. `front` captures by a timer, `garden` when it is asked to.
 */
export class EnduranceTrial {
  readonly redis = new TestRedis();
  readonly mosquitto = new TestMosquitto();
  /** All announcements in the order in which they were heard. */
  readonly heard: Announcement[] = [];
  /** Where images wait while Redis is away. */
  spool = '';
  asked = 0;
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly every: string;
  private readonly cluster: TestRedisCluster | undefined;
  private folder = '';
  private process: ServerProcess | undefined;
  private listener: MqttListener | undefined;

  /**
   * @param every the interval of the timer, for example `200ms`
   * @param cluster where the images go, in place of a Redis of its own; it is started and stopped by others
   */
  constructor(every: string, cluster?: TestRedisCluster) {
    this.every = every;
    this.cluster = cluster;
  }

  /** How to reach the images. */
  get settings(): RedisSettings {
    if (this.cluster) return { url: this.cluster.url, prefix: '{house1}:', cluster: true };
    return { url: this.redis.url, prefix: '' };
  }

  /** Starts all of it; `redisOptions` go to redis-server. */
  async start(redisOptions: string[] = []): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-endurance-'));
    this.spool = path.join(this.folder, 'spool');
    await mkdir(path.join(this.folder, 'pictures'));
    for (const [name, colour] of Object.entries({ a: 'red', b: 'green', c: 'blue' })) {
      const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
      const picture = sharp({ create: { width: 640, height: 360, channels: 3, background: colour, noise } });
      await writeFile(path.join(this.folder, 'pictures', `${name}.jpg`), await picture.jpeg().toBuffer());
    }
    const persistence = ['--appendonly', 'yes', '--appendfsync', 'always'];
    if (this.cluster === undefined) await this.redis.start([...persistence, ...redisOptions]);
    await this.mosquitto.start();
    await this.listen();
    await this.startAgent();
    return this;
  }

  /** The agent's process id. */
  get pid(): number {
    return this.process?.child.pid ?? 0;
  }

  /** All that the agent has written to its log since its last start. */
  get log(): string {
    return this.process?.output ?? '';
  }

  async startAgent(): Promise<void> {
    const source = { type: 'folder', path: path.join(this.folder, 'pictures') };
    const file = path.join(this.folder, 'luxcam.yaml');
    const configuration = {
      agent: { name: 'pi1', spool: { path: this.spool } },
      redis: this.settings,
      mqtt: { url: this.mosquitto.url },
      cameras: {
        front: { source, ttl: '1d', triggers: [{ type: 'timer', every: this.every }] },
        garden: { source, ttl: '1d' },
      },
    };
    await writeFile(file, JSON.stringify(configuration));
    this.process = new ServerProcess(process.execPath, [...luxcamProgram, 'agent', '--config', file]);
    await this.process.printed(/agent runs/);
    // One that is stopped before it has reached the broker leaves its announcements to the next start.
    await this.process.printed(/broker connected/);
  }

  killAgent = async (): Promise<void> => {
    await this.process?.stop('SIGKILL');
  };

  /** Stops the agent as systemd does. Returns its exit status and the milliseconds that it took. */
  async stopAgent(): Promise<{ status: number | null; milliseconds: number }> {
    const began = performance.now();
    const status = (await this.process?.stop()) ?? null;
    return { status, milliseconds: performance.now() - began };
  }

  /** Lets the broker come back; the agent is held until somebody listens, who would miss an announcement otherwise. */
  async resumeBroker(): Promise<void> {
    this.process?.child.kill('SIGSTOP');
    await this.mosquitto.resume();
    await this.listener?.client.endAsync(true);
    await this.listen();
    this.process?.child.kill('SIGCONT');
  }

  /** Asks `garden` for a picture, if the broker is there to take the message. */
  ask(): void {
    if (!this.listener?.client.connected) return;
    this.asked += 1;
    const command = JSON.stringify({ transaction: `t${this.asked}` });
    this.listener.client.publish('luxcam/garden/capture', command, { qos: 0 });
  }

  /** Resolves once so many more announcements of a kind have been heard. */
  async hear(event: Announcement['event'], times: number, camera?: string): Promise<void> {
    const from = this.heard.length;
    const fits = (said: Announcement) => said.event === event && (camera === undefined || said.camera === camera);
    while (this.heard.slice(from).filter(fits).length < times) await once(this.emitter, 'announcement');
  }

  /** How many images wait on disk. */
  async waiting(): Promise<number> {
    const names = await readdir(this.spool, { recursive: true }).catch(() => []);
    return names.filter((name) => name.endsWith('.image')).length;
  }

  /** Compares what is in Redis with what was announced. */
  async verdict(): Promise<Verdict> {
    const stored = await this.stored();
    const captured = this.heard.filter((said): said is CapturedAnnouncement => said.event === 'captured');
    const announced = new Set<string>();
    const disorder: string[] = [];
    const newest = new Map<string, CapturedAnnouncement>();
    for (const said of captured) {
      if (announced.has(said.id)) continue;
      announced.add(said.id);
      const before = newest.get(said.camera);
      if (before && (said.timestamp_ms <= before.timestamp_ms || said.sequence <= before.sequence))
        disorder.push(`${said.id} (${said.sequence}) after ${before.id} (${before.sequence})`);
      newest.set(said.camera, said);
    }
    const known = new Set(stored.map(({ id }) => id));
    return {
      stored: stored.length,
      lost: [...announced].filter((id) => !known.has(id)),
      unannounced: [...known].filter((id) => !announced.has(id)),
      repeats: captured.length - announced.size,
      disorder,
    };
  }

  /** All images in Redis, oldest first. */
  async stored(): Promise<StoredImage[]> {
    return this.withStore(async (store) => {
      const images: StoredImage[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await store.list({ limit: 200, ...(cursor && { cursor }) });
        images.push(...page.images);
        cursor = page.next;
      }
      return images.reverse();
    });
  }

  /** How many images there are in Redis. */
  async count(): Promise<number> {
    return this.withStore(async ({ connection }) => {
      const counts = ['front', 'garden'].map((camera) => connection.client.zCard(connection.keys.images(camera)));
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    });
  }

  async stop(): Promise<void> {
    await this.process?.stop('SIGKILL');
    await this.listener?.client.endAsync(true);
    await Promise.all([this.redis.stop(), this.mosquitto.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async withStore<T>(use: (store: RedisImageStore) => Promise<T>): Promise<T> {
    const connection = new RedisConnection(this.settings);
    connection.start();
    await connection.ready();
    try {
      return await use(new RedisImageStore({ connection, ownsCameras: false }));
    } finally {
      await connection.stop();
    }
  }

  private async listen(): Promise<void> {
    this.listener = await new MqttListener().start(this.mosquitto.url, 'luxcam/+/event');
    this.listener.on('message', ({ payload }) => {
      this.heard.push(parseJson(announcementSchema, payload.toString()));
      this.emitter.emit('announcement');
    });
  }
}
