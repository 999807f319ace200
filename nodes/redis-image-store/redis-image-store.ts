import { setTimeout } from 'node:timers/promises';
import type { NodeAPI, NodeDef } from 'node-red';
import { messageOf } from '../../core/luxcam-error';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { knownCameras, offerCameras } from '../known-cameras';
import type { StoreCredentials, StoreNode } from '../store';
import { servePreview } from './preview-route';
import { serveStoreTest } from './store-test-route';
import { readTlsConfiguration } from './tls-configuration';

interface StoreDef extends NodeDef {
  url: string;
  prefix?: string;
  cluster?: boolean;
  /** A `tls-config` node of Node-RED's. */
  tls?: string;
}

/** A hung Redis must not hold up a deploy. */
const closeMilliseconds = 800;

/** The config node that owns the connection to Redis and shares it among the nodes that name it. */
export = (RED: NodeAPI): void => {
  function RedisImageStoreNode(this: StoreNode, def: StoreDef): void {
    RED.nodes.createNode(this, def);
    this.problem = settingsProblem(def.url);
    this.connection = null;
    const inHand = new Set<Promise<unknown>>();
    this.use = (work) => {
      const begun = work();
      const done: Promise<unknown> = begun.then(
        () => inHand.delete(done),
        () => inHand.delete(done),
      );
      inHand.add(done);
      return begun;
    };
    if (this.problem === null) {
      try {
        const { url, prefix = '', cluster = false } = def;
        const tls = readTlsConfiguration(RED, def.tls);
        this.connection = new RedisConnection({ url, prefix, cluster, ...(tls && { tls }), ...this.credentials });
      } catch (error) {
        this.problem = messageOf(error);
      }
    }
    const { connection } = this;
    if (connection === null) {
      this.error(RED._('error.settings', { problem: this.problem ?? '' }));
      return;
    }
    // Node-RED puts an environment variable's value in place before we see it, so ask what the flow itself holds.
    RED.nodes.eachNode((node) => {
      if (node.id === def.id && 'url' in node && hasPassword(`${node.url}`)) this.warn(RED._('error.passwordInUrl'));
    });
    connection.on('state', (state, problem) => {
      if (state === 'ready') this.log(RED._('log.ready', { address: connection.address }));
      else this.warn(RED._('log.away', { address: connection.address, problem: problem ?? '' }));
    });
    connection.start();
    const store = new RedisImageStore({ connection, ownsCameras: false });
    const withdraw = offerCameras(() => store.cameras());
    this.on('close', (done: () => void) => {
      withdraw();
      void close(connection, inHand).finally(done);
    });
  }

  /** What is wrong with the URL, in words, where that needs no parsing. */
  function settingsProblem(url: string | undefined): string | null {
    if (!url) return RED._('error.noUrl');
    const variable = /^\$\{(.+)\}$/.exec(url)?.[1];
    return variable === undefined ? null : RED._('error.noVariable', { variable });
  }

  RED.nodes.registerType<StoreNode, StoreDef, object, StoreCredentials>('redis-image-store', RedisImageStoreNode, {
    credentials: { username: { type: 'text' }, password: { type: 'password' } },
  });

  // What the editor offers in the fields for a camera's name.
  RED.httpAdmin.get('/luxcam/cameras', RED.auth.needsPermission('flows.read'), (_request, response) => {
    void knownCameras().then((cameras) => response.json({ cameras }));
  });
  serveStoreTest(RED);
  servePreview(RED);
};

function hasPassword(url: string): boolean {
  // A setting that holds no URLs is complained of by the connection.
  return url.split(',').some((each) => URL.canParse(each) && new URL(each).password !== '');
}

/** Closes a connection after what is in hand with it, unless that takes too long. */
async function close(connection: RedisConnection, inHand: Iterable<Promise<unknown>>): Promise<void> {
  await Promise.race([
    Promise.all(inHand)
      .then(() => connection.stop())
      .catch(() => undefined),
    setTimeout(closeMilliseconds, undefined, { ref: false }),
  ]);
  if (connection.client.isOpen) connection.client.destroy();
}
