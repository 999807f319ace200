import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { RedisConnection } from '../core/redis-connection';
import { RedisImageStore } from '../core/redis-image-store';
import { newImage } from '../test/support/new-image';
import type { TestRedisCluster } from '../test/support/redis-cluster';

/** How long a writer rests between two images, in milliseconds. */
const rest = 10;

/** Writers that put images into a cluster one after the other, and readers that ask for what was acknowledged. */
export class ClusterLoad {
  readonly prefix = '{house2}:';
  private readonly cluster: TestRedisCluster;
  private readonly acknowledged = new Map<string, string>();
  /** Said to be gone by a reader, which is true if they are still missing at the end. */
  private readonly gone = new Set<string>();
  private readonly connections: RedisConnection[] = [];
  private work: Promise<void>[] = [];
  private going = true;
  private reads = 0;
  private wrong = 0;
  private failures = 0;

  constructor(cluster: TestRedisCluster) {
    this.cluster = cluster;
  }

  async start(): Promise<void> {
    for (const camera of ['a', 'b', 'c', 'd']) this.work.push(this.write(await this.connect(), camera));
    for (let reader = 0; reader < 2; reader += 1) this.work.push(this.read(await this.connect()));
  }

  async stop(): Promise<Record<string, number>> {
    this.going = false;
    await Promise.all(this.work);
    const store = await this.connect();
    const found = await store.describeAll([...this.acknowledged.keys()]);
    const kept = new Set(found.flatMap((image) => (image ? [image.id] : [])));
    const shas = new Set(found.map((image) => image?.sha256));
    const wrong = [...this.gone].filter((id) => kept.has(id)).length;
    for (const connection of this.connections) await connection.stop();
    return {
      acknowledged: this.acknowledged.size,
      'acknowledged and lost': this.acknowledged.size - kept.size,
      'stored twice': kept.size - shas.size + (shas.has(undefined) ? 1 : 0),
      'puts refused meanwhile, and repeated': this.failures,
      reads: this.reads,
      'wrong answers': this.wrong + wrong,
    };
  }

  private async connect(): Promise<RedisImageStore> {
    const connection = new RedisConnection({ url: this.cluster.url, prefix: this.prefix, cluster: true });
    this.connections.push(connection);
    connection.start();
    await connection.ready();
    return new RedisImageStore({ connection, ownsCameras: true });
  }

  private async write(store: RedisImageStore, camera: string): Promise<void> {
    while (this.going) {
      let image = newImage({ camera, bytes: randomBytes(20_000) });
      for (;;) {
        try {
          const { id } = await store.put(image);
          this.acknowledged.set(id, image.sha256);
          await setTimeout(rest);
          break;
        } catch {
          this.failures += 1;
          image = { ...image, replayed: true };
          await store.connection.ready();
        }
      }
    }
  }

  private async read(store: RedisImageStore): Promise<void> {
    while (this.going) {
      const ids = [...this.acknowledged.keys()];
      const id = ids[Math.floor(Math.random() * ids.length)];
      try {
        if (id === undefined) await store.connection.ready();
        else {
          const found = await store.get(id);
          this.reads += 1;
          if (found === null) this.gone.add(id);
          else if (found.image.sha256 !== this.acknowledged.get(id)) this.wrong += 1;
        }
      } catch {
        await store.connection.ready();
      }
    }
  }
}
