import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './free-port';
import { ServerProcess, systemProgram } from './server-process';

/** How long a node may be silent before the others take it for dead, in milliseconds. */
const nodeTimeout = 1000;

/** One redis-server of the cluster, and a client to look into it and to order it about. */
export class ClusterNode {
  readonly port: number;
  /** Where the nodes talk to each other. */
  readonly busPort: number;
  readonly client;
  id = '';
  private readonly arguments: string[];
  private server: ServerProcess | undefined;

  constructor(folder: string, port: number, busPort: number, options: string[]) {
    this.port = port;
    this.busPort = busPort;
    this.client = createClient({
      socket: { host: '127.0.0.1', port, reconnectStrategy: 50 },
      maintNotifications: 'disabled',
    });
    this.client.on('error', () => undefined);
    this.arguments = [
      ...['--port', `${port}`, '--cluster-port', `${busPort}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`],
      ...['--cluster-node-timeout', `${nodeTimeout}`, '--cluster-replica-validity-factor', '0'],
      ...['--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'],
      // The others learn by it how far a replica is, and do not tell of one that has nothing.
      ...['--repl-ping-replica-period', '1', ...options],
    ];
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, also again after it was killed. */
  async start(): Promise<void> {
    this.server = new ServerProcess(systemProgram('redis-server', 'redis-server'), this.arguments);
    await this.server.printed(/[Rr]eady to accept connections/);
    if (!this.client.isOpen) await this.client.connect();
  }

  /** Sends it a signal: SIGKILL takes it away as a crash does, SIGSTOP and SIGCONT let it hang for a while. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGKILL') await this.server?.stop(signal);
    else this.server?.child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.client.isOpen) this.client.destroy();
    await this.server?.stop('SIGKILL');
  }

  /** Resolves as soon as what it says of itself matches. */
  async says(command: string[], pattern: RegExp): Promise<void> {
    for (;;) {
      const text = await this.client.sendCommand(command).catch(() => '');
      if (pattern.test(`${text}`)) return;
      await setTimeout(20);
    }
  }
}

/** A real Redis Cluster for one test file, on free loopback ports: three primaries, and a replica for each. */
export class TestRedisCluster {
  nodes: ClusterNode[] = [];
  private folder = '';

  /** Starts it; `options` are redis-server's own. */
  async start(options: string[] = []): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-cluster-'));
    for (let count = 0; count < 6; count += 1)
      this.nodes.push(new ClusterNode(this.folder, await freePort(), await freePort(), options));
    await Promise.all(this.nodes.map((node) => node.start()));
    const { port, busPort } = this.witness;
    const slots = [
      [0, 5460],
      [5461, 10922],
      [10923, 16383],
    ] as const;
    for (const [at, node] of this.nodes.entries()) {
      node.id = await node.client.clusterMyId();
      await node.client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', `${at + 1}`]);
      const range = slots[at];
      if (range) await node.client.clusterAddSlotsRange({ start: range[0], end: range[1] });
      await node.client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${port}`, `${busPort}`]);
    }
    const all = /cluster_state:ok.*cluster_known_nodes:6/s;
    await Promise.all(this.nodes.map((node) => node.says(['CLUSTER', 'INFO'], all)));
    await Promise.all(
      this.nodes.slice(slots.length).map(async (node, at) => {
        await node.client.clusterReplicate(this.nodes[at]?.id ?? '');
        await node.says(['INFO', 'replication'], /master_link_status:up/);
      }),
    );
    return this;
  }

  /** The URLs of all nodes, as they stand in a configuration. */
  get url(): string {
    return this.nodes.map(({ url }) => url).join(',');
  }

  /** The node that has the slot of a prefix, as a node that is there says. */
  async primaryOf(prefix: string): Promise<ClusterNode> {
    const { client } = this.witness;
    const slot = await client.clusterKeySlot(prefix);
    const range = (await client.clusterSlots()).find(({ from, to }) => from <= slot && slot <= to);
    return this.named(range?.master.id);
  }

  /** The replica of a primary, as soon as it has all that the primary has. */
  async replicaOf(primary: ClusterNode): Promise<ClusterNode> {
    for (;;) {
      const ranges = await primary.client.clusterSlots();
      const own = ranges.find(({ master }) => master.id === primary.id);
      if (own?.replicas[0]) {
        const replica = this.named(own.replicas[0].id);
        await replica.says(['INFO', 'replication'], /master_link_status:up/);
        return replica;
      }
      await setTimeout(20);
    }
  }

  /** Says whether replicas take the place of a primary that is gone. */
  async allowFailover(allowed: boolean): Promise<void> {
    const value = allowed ? 'no' : 'yes';
    const there = this.nodes.filter(({ client }) => client.isReady);
    await Promise.all(there.map(({ client }) => client.configSet('cluster-replica-no-failover', value)));
  }

  /** Begins to move the slot of a prefix to another primary, as `redis-cli --cluster reshard` does. Returns its steps. */
  async moving(prefix: string, from: ClusterNode, to: ClusterNode) {
    const slot = await from.client.clusterKeySlot(prefix);
    await to.client.clusterSetSlot(slot, 'IMPORTING', from.id);
    await from.client.clusterSetSlot(slot, 'MIGRATING', to.id);
    const move = async (keys: string[]) => {
      if (keys.length > 0)
        await from.client.sendCommand(['MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'KEYS', ...keys]);
    };
    return {
      /** Moves these keys alone. */
      move,
      /** Moves the rest and gives the slot over. */
      finish: async () => {
        for (;;) {
          const keys = await from.client.clusterGetKeysInSlot(slot, 100);
          if (keys.length === 0) break;
          await move(keys);
        }
        for (const node of [to, from, ...this.nodes])
          await node.client.clusterSetSlot(slot, 'NODE', to.id).catch(() => undefined);
      },
    };
  }

  /** Leaves no key behind. */
  async clear(): Promise<void> {
    // The replicas refuse.
    await Promise.all(this.nodes.map(({ client }) => client.flushAll().catch(() => undefined)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  private get witness(): ClusterNode {
    const witness = this.nodes.find(({ client }) => client.isReady);
    if (witness === undefined) throw new Error('no node is there');
    return witness;
  }

  private named(id: string | undefined): ClusterNode {
    const node = this.nodes.find((one) => one.id === id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }
}
