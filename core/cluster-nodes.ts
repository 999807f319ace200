import { redisUrls } from './redis-address';
import { createRedisClient, type RedisSettings } from './redis-client';

/** How long one node may take to tell where the slots lie, in milliseconds. */
const patience = 2000;

/** Knows the nodes of a cluster, and finds out which of them has the keys of a prefix: they all lie in one slot. */
export class ClusterNodes {
  private readonly settings: RedisSettings;
  /** Those of the settings, and then all that a node has told of. */
  private nodes: URL[];

  constructor(settings: RedisSettings) {
    this.settings = settings;
    this.nodes = redisUrls(settings.url);
  }

  /**
   * The primary that has the prefix' slot, as the first node says that answers. Throws what the last one said if none
   * does. It begins with another node each time: one that is cut off from the others tells what was.
   */
  async findPrimary(signal: AbortSignal): Promise<URL> {
    let problem: unknown;
    for (const node of this.nodes) {
      this.nodes = [...this.nodes.filter((other) => other !== node), node];
      try {
        return await this.ask(node, signal);
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  private async ask(node: URL, signal: AbortSignal): Promise<URL> {
    const client = createRedisClient(this.settings, node, { reconnect: false, socketTimeout: patience });
    // What is wrong is what its commands are rejected with.
    client.on('error', () => undefined);
    const leave = () => client.destroy();
    signal.addEventListener('abort', leave);
    try {
      await client.connect();
      const { prefix } = this.settings;
      const [slot, ranges] = await Promise.all([client.clusterKeySlot(prefix), client.clusterSlots()]);
      const urlOf = ({ host, port }: { host: string; port: number }) => besideNode(node, host, port);
      this.remember(ranges.flatMap(({ master, replicas }) => [master, ...replicas].map(urlOf)));
      const range = ranges.find(({ from, to }) => from <= slot && slot <= to);
      if (range === undefined) throw new Error(`CLUSTERDOWN no node has the slot ${slot} of the prefix ${prefix}`);
      return urlOf(range.master);
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  private remember(told: URL[]): void {
    const known = new Set(this.nodes.map(({ href }) => href));
    this.nodes.push(...told.filter(({ href }) => !known.has(href) && known.add(href)));
  }
}

/** The URL of another node, which takes the same credentials. A node that does not know its own name has that of the asked. */
export function besideNode(asked: URL, host: string | null, port: number): URL {
  const url = new URL(asked);
  if (host && host !== '?') url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = `${port}`;
  return url;
}
