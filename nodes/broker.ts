import { EventEmitter, once } from 'node:events';
import type { NodeAPI, NodeStatus } from 'node-red';
import { LuxcamError } from '../core/luxcam-error';

/** Node-RED's own `mqtt-broker` config node, as far as it is used here. Its interface is the same in Node-RED 4.1 and 5. */
interface BrokerNode {
  connected: boolean;
  client?: unknown;
  serverProperties?: { maximumPacketSize?: number };
  /** Connects on the first user. From then on it calls the user's `status` with its own state. */
  register(user: BrokerUser): void;
  deregister(user: BrokerUser, done: () => void, autoDisconnect: boolean): void;
  subscribe(topic: string, options: { qos: number }, callback: TopicListener, ref: string): void;
  unsubscribe(topic: string, ref: string, removeSubscription: boolean): void;
  publish(message: object, done: (error?: unknown) => void): void;
  v5(): boolean;
}

interface BrokerUser {
  id: string;
  status(status: NodeStatus): void;
}

type TopicListener = (topic: string, payload: Buffer) => void;

export interface BrokerMessage {
  topic: string;
  payload: string | Buffer;
  qos: 0 | 1;
  retain?: boolean;
  /** Seconds after which the broker throws the message away, where it speaks MQTT 5. */
  expiry?: number;
}

/** Room for a packet's header and properties beside topic and payload, in bytes. */
const packetOverhead = 256;

/** A node's share in an `mqtt-broker` config node: the only place that knows how that one behaves. */
export class Broker extends EventEmitter<{ change: [] }> {
  private readonly node: BrokerNode;
  private readonly user: BrokerUser;
  private readonly topics = new Set<string>();
  private readonly unanswered = new Set<{ client: unknown; reject: (error: Error) => void }>();
  connected = false;

  /** `user` is the id of the node that uses the broker. */
  constructor(node: BrokerNode, user: string) {
    super();
    this.node = node;
    // The broker writes its own state over the status of whoever registers, so it gets this stand-in.
    this.user = { id: user, status: ({ fill }) => this.change(fill === 'green') };
  }

  /** Connects, unless other users have done so. */
  start(): void {
    this.node.register(this.user);
    this.change(this.node.connected);
  }

  /** Hears a topic (wildcards allowed) from now on, through lost connections. Overlapping topics may bring repeats. */
  subscribe(topic: string, listener: TopicListener): void {
    this.topics.add(topic);
    this.node.subscribe(topic, { qos: 1 }, listener, this.user.id);
  }

  /** Resolves as soon as the broker is connected. Rejects when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.connected) await once(this, 'change', { signal });
  }

  /**
   * Resolves when the broker has taken the message. After a lost connection the message is sent again by itself.
   * Rejects with a LuxcamError: `broker_unavailable` if the broker is not connected or is given up, `invalid_request` if the message is too large for it.
   */
  publish({ topic, payload, qos, retain = false, expiry }: BrokerMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      // Without a connection the broker node drops the message and calls nobody back.
      if (!this.node.connected) throw new LuxcamError('broker_unavailable', 'The MQTT broker is not connected.');
      // The client would send a message that the broker refuses again and again, and nothing else.
      const most = this.node.serverProperties?.maximumPacketSize;
      const size = Buffer.byteLength(payload) + Buffer.byteLength(topic) + packetOverhead;
      if (most !== undefined && size > most)
        throw new LuxcamError('invalid_request', `${size} bytes are too much for the MQTT broker, it takes ${most}.`);
      const answer = { client: this.node.client, reject };
      this.unanswered.add(answer);
      const properties = expiry !== undefined && this.node.v5() ? { messageExpiryInterval: expiry } : {};
      this.node.publish({ topic, payload, qos, retain, ...properties }, (error) => {
        this.unanswered.delete(answer);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Gives up the subscriptions and the share. `removed` tells that the node will not come back. */
  stop(removed: boolean): void {
    this.giveUp(() => true);
    // Deregistering alone leaves the subscriptions in place.
    for (const topic of this.topics) this.node.unsubscribe(topic, this.user.id, true);
    this.removeAllListeners();
    this.node.deregister(this.user, () => undefined, removed);
  }

  private change(connected: boolean): void {
    // A new client knows nothing of the messages that the old one had in hand.
    if (connected) this.giveUp(({ client }) => client !== this.node.client);
    if (connected === this.connected) return;
    this.connected = connected;
    this.emit('change');
  }

  private giveUp(which: (answer: { client: unknown }) => boolean): void {
    for (const answer of [...this.unanswered].filter(which)) {
      this.unanswered.delete(answer);
      answer.reject(new LuxcamError('broker_unavailable', 'The connection to the MQTT broker was given up.'));
    }
  }
}

/** The broker that a node's settings name, or null where there is none (any more). */
export function findBroker(RED: NodeAPI, id: string | undefined, user: string): Broker | null {
  const node: unknown = id ? RED.nodes.getNode(id) : null;
  return isBrokerNode(node) ? new Broker(node, user) : null;
}

function isBrokerNode(node: unknown): node is BrokerNode {
  return typeof node === 'object' && node !== null && 'type' in node && node.type === 'mqtt-broker';
}
