import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { RedisConnection } from '../core/redis-connection';
import type { Translate } from './status-line';

/** Node-RED keeps these apart from the flows, encrypted. */
export interface StoreCredentials {
  username?: string;
  password?: string;
}

/** The `redis-image-store` config node, as the nodes that use it see it. */
export interface StoreNode extends Node<StoreCredentials> {
  /** Shared by all its users; null if the settings are no use. */
  connection: RedisConnection | null;
  /** What is wrong with the settings, in words. */
  problem: string | null;
  /** Does something with the connection. A deploy, which closes all nodes at once, leaves it open until that is done. */
  use<T>(work: () => Promise<T>): Promise<T>;
}

/** The store that a node's settings name, or null where there is none. */
export function findStore(RED: NodeAPI, id: string | undefined): StoreNode | null {
  const node: unknown = id ? RED.nodes.getNode(id) : null;
  return isStoreNode(node) ? node : null;
}

/** What keeps a store from being used, as a status; null if nothing does. */
export function storeTrouble(translate: Translate, store: StoreNode | null): NodeStatus | null {
  if (store === null) return { fill: 'red', shape: 'ring', text: translate('status.noStore') };
  if (store.connection === null) return { fill: 'red', shape: 'ring', text: store.problem ?? '' };
  const { state, address, problem } = store.connection;
  if (state === 'ready') return null;
  if (state === 'connecting') return { fill: 'yellow', shape: 'ring', text: translate('status.redisConnecting') };
  return { fill: 'red', shape: 'ring', text: translate('status.redisAway', { address, problem: problem ?? '' }) };
}

function isStoreNode(node: unknown): node is StoreNode {
  return typeof node === 'object' && node !== null && 'type' in node && node.type === 'redis-image-store';
}
