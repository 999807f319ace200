import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { Node, NodeAPI, NodeDef, NodeInitializer, NodeMessage, NodeStatus } from 'node-red';
import helper from 'node-red-node-test-helper';
import capture from '../../nodes/capture/capture';
import gallery from '../../nodes/gallery/gallery';
import redisImageIn from '../../nodes/redis-image-in/redis-image-in';
import redisImageOut from '../../nodes/redis-image-out/redis-image-out';
import redisImageStore from '../../nodes/redis-image-store/redis-image-store';

const ours = {
  capture,
  gallery,
  'redis-image-in': redisImageIn,
  'redis-image-out': redisImageOut,
  'redis-image-store': redisImageStore,
};

/** Node-RED's own nodes that the flows use and the test helper does not load by itself. */
const nodeRedNodes: NodeInitializer[] = [
  require('@node-red/nodes/core/network/05-tls.js'),
  require('@node-red/nodes/core/network/10-mqtt.js'),
];

/** A message as a catch node passes it on. */
export interface CaughtMessage extends NodeMessage {
  error: { message: string; code?: string; source: { id: string } };
}

/** A flow that runs in a real Node-RED runtime, with luxcam's nodes and Node-RED's broker node. */
export class TestFlow {
  private runtime: NodeAPI | undefined;
  /** The last status of each node. */
  readonly statuses = new Map<string, NodeStatus>();
  /** What our nodes warned of. */
  readonly warnings: string[] = [];
  /** What reached the `helper` nodes, by their ids, in order. */
  readonly messages = new Map<string, NodeMessage[]>();
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly collectors = new WeakSet<Node>();
  private server: Server | undefined;

  /** Starts the flow. Nodes of the type `helper` collect what reaches them. */
  async start(flow: object[], { credentials = {}, settings = {} }: { credentials?: object; settings?: object } = {}) {
    // The broker node waits 5 s by default before it connects again.
    helper.settings({ mqttReconnectTime: 100, ...settings });
    const nodes = Object.entries(ours).map(([name, node]) => this.observed(name, node));
    await helper.load([...nodeRedNodes, ...nodes], placed(flow), credentials);
    this.collect(flow);
    return this;
  }

  /** Deploys another flow in place of this one. */
  async deploy(flow: object[], type: 'full' | 'nodes' = 'nodes'): Promise<void> {
    if (this.runtime === undefined) throw new Error('no flow is running');
    const started = once(this.runtime.events, 'flows:started');
    await helper.setFlows(placed(flow), type).catch((error: unknown) => {
      // The helper itself waits for no longer than 300 ms, which is not enough on a busy machine.
      if (!String(error).includes('timeout waiting event')) throw error;
    });
    await started;
    this.collect(flow);
  }

  async stop(): Promise<void> {
    this.server?.close();
    this.server?.closeAllConnections();
    await helper.unload();
  }

  /** Sends a message into a node. */
  send(id: string, message: NodeMessage): void {
    const node = helper.getNode(id);
    if (node === null) throw new Error(`there is no node ${id}`);
    node.receive(message);
  }

  /** The first message that a helper node has not handed out yet. */
  async next<T extends NodeMessage = NodeMessage>(id: string): Promise<T> {
    for (;;) {
      const message = this.messages.get(id)?.shift();
      // What a test expects of a message is what it goes on to check.
      if (message !== undefined) return message as T;
      await once(this.events, `message ${id}`);
    }
  }

  /** Resolves with a node's status as soon as its text matches. */
  async status(id: string, text: RegExp): Promise<NodeStatus> {
    for (;;) {
      const status = this.statuses.get(id);
      if (status?.text !== undefined && text.test(status.text)) return status;
      await once(this.events, `status ${id}`);
    }
  }

  /** Serves the http nodes on a free loopback port, and returns their address. */
  async serveHttp(): Promise<string> {
    if (this.runtime === undefined) throw new Error('no flow is running');
    this.server = createServer(this.runtime.httpNode).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Asks an admin route. */
  admin(route: string) {
    return helper.request().get(route);
  }

  /** Sends JSON to an admin route. */
  adminPost(route: string, body: object) {
    return helper.request().post(route).send(body);
  }

  private collect(flow: object[]): void {
    for (const node of flow) {
      if (!('type' in node && node.type === 'helper' && 'id' in node)) continue;
      const id = `${node.id}`;
      const collected = this.messages.get(id) ?? [];
      this.messages.set(id, collected);
      // A deploy leaves the nodes as they are that it does not change.
      const collector = helper.getNode(id);
      if (collector === null || this.collectors.has(collector)) continue;
      this.collectors.add(collector);
      collector.on('input', (message) => {
        collected.push(message);
        this.events.emit(`message ${id}`);
      });
    }
  }

  /** One of our nodes, loaded with its real texts (the test helper knows none), and with its status noted. */
  private observed(name: string, node: (RED: NodeAPI) => void): NodeInitializer {
    const folder = path.join(__dirname, '../../nodes', name, 'locales/en-US');
    const texts: unknown = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'));
    return (RED: NodeAPI) => {
      this.runtime = RED;
      const createNode = (created: Node, definition: NodeDef) => {
        RED.nodes.createNode(created, definition);
        const warn = created.warn.bind(created);
        created.warn = (warning: unknown) => {
          this.warnings.push(String(warning));
          warn(warning);
        };
        const status = created.status.bind(created);
        created.status = (shown: string | NodeStatus) => {
          this.statuses.set(definition.id, typeof shown === 'string' ? { text: shown } : shown);
          this.events.emit(`status ${definition.id}`);
          status(shown);
        };
      };
      const translate = (key: string, values: Record<string, unknown> = {}) => words(texts, key, values);
      node({ ...RED, _: translate as NodeAPI['_'], nodes: { ...RED.nodes, createNode } });
    };
  }
}

/** Node-RED takes a node without a place on the canvas for a config node. */
function placed(flow: object[]): object[] {
  return flow.map((node) => ('z' in node ? { x: 1, y: 1, wires: [], ...node } : node));
}

function words(texts: unknown, key: string, values: Record<string, unknown>): string {
  let found = texts;
  for (const part of key.split('.')) {
    found =
      typeof found === 'object' && found !== null ? Object.entries(found).find(([name]) => name === part)?.[1] : '';
  }
  if (typeof found !== 'string' || found === '') throw new Error(`the texts have no ${key}`);
  return found.replace(/__(\w+?)__/g, (_, name) => `${values[name]}`);
}
