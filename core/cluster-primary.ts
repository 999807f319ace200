import { setTimeout } from 'node:timers/promises';
import { ClusterNodes } from './cluster-nodes';
import { messageOf } from './luxcam-error';
import { createRedisClient, liveliness, type RedisClient, type RedisSettings, reconnectDelay } from './redis-client';

/** A failover is over within seconds, so the primary is looked for more often than a lost server. In milliseconds. */
const longestPause = 500;

export interface ClusterPrimaryParts {
  settings: RedisSettings;
  /** A key of ours: a node is asked for it before it is believed to have them all. */
  key: string;
  /** Takes over a client that is connected to the primary, and looks after the one before. */
  onClient: (client: RedisClient, url: URL) => Promise<void>;
  /** Is told what keeps us from the primary. */
  onProblem: (error: unknown) => void;
}

/** Keeps us connected to the primary of a cluster that has our keys, whichever that is at the moment. */
export class ClusterPrimary {
  private readonly parts: ClusterPrimaryParts;
  private readonly nodes: ClusterNodes;
  private readonly stopped = new AbortController();
  private leaveNode: (reason: Error) => void = () => undefined;

  constructor(parts: ClusterPrimaryParts) {
    this.parts = parts;
    this.nodes = new ClusterNodes(parts.settings);
  }

  start(): void {
    void this.follow();
  }

  /** Looks for the primary anew, because the present one has answered that it no longer is, or that the cluster is down. */
  leave(reason: Error): void {
    this.leaveNode(reason);
  }

  /** Looks for it no longer; the client that was handed over stays as it is. */
  stop(): void {
    this.stopped.abort();
    this.leaveNode(new Error('stopped'));
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopped;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const url = await this.nodes.findPrimary(signal);
        const { reason } = await this.connect(url);
        failures = 0;
        const lost = await reason;
        if (!isMoved(lost)) throw lost;
      } catch (error) {
        if (signal.aborted) return;
        if (!isMoved(error)) this.parts.onProblem(error);
        await setTimeout(Math.min(reconnectDelay(failures), longestPause), undefined, { signal }).catch(
          () => undefined,
        );
        failures += 1;
      }
    }
  }

  /** Connects to a node. What it resolves with resolves in turn with the reason when the connection is no use any more. */
  private async connect(url: URL): Promise<{ reason: Promise<Error> }> {
    const { settings, key, onClient } = this.parts;
    const client = createRedisClient(settings, url, { ...liveliness, reconnect: false });
    const reason = new Promise<Error>((resolve) => {
      client.on('error', resolve);
      this.leaveNode = resolve;
    });
    try {
      await client.connect();
      // A node that was cut off from the others may not know yet that it is no primary any more, and one that starts
      // may have to load its data first. That our user may not ask says nothing.
      await client.sMembers(key).catch((error: unknown) => {
        if (/^(MOVED|CLUSTERDOWN|LOADING|MASTERDOWN) /.test(messageOf(error))) throw error;
      });
      this.stopped.signal.throwIfAborted();
      await onClient(client, url);
      return { reason };
    } catch (error) {
      client.destroy();
      throw error;
    }
  }
}

function isMoved(error: unknown): boolean {
  return messageOf(error).startsWith('MOVED ');
}
