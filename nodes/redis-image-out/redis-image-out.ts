import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import type { ImageMessage } from '../../core/messages';
import { RedisImageStore } from '../../core/redis-image-store';
import { Topics } from '../../core/topics';
import { findBroker } from '../broker';
import { NodeError, toNodeError } from '../node-error';
import { readSettings } from '../settings';
import { ageText, StatusLine } from '../status-line';
import { findStore, storeTrouble } from '../store';
import { Announcer } from './announcer';
import { ImageWriter, writerSettingsSchema } from './image-writer';

/** Stores images from any flow in Redis, and announces them over MQTT where a broker is chosen; or adds to their meta. */
export = (RED: NodeAPI): void => {
  const translate = RED._;

  function RedisImageOutNode(this: Node, def: NodeDef): void {
    RED.nodes.createNode(this, def);
    const { settings, problem } = readSettings(writerSettingsSchema, def);
    const storeNode = findStore(RED, settings?.store);
    const connection = storeNode?.connection;
    if (settings === null || storeNode === null || connection == null) {
      const text = problem ?? storeTrouble(translate, storeNode)?.text ?? '';
      this.status({ fill: 'red', shape: 'ring', text });
      this.on('input', (_msg, _send, done) => done(new NodeError('invalid_request', text)));
      return;
    }

    const broker = findBroker(RED, settings.broker, this.id);
    // An outbox of its own for each node, because each may announce to another broker. The name must stay the same
    // over restarts: what waits there is found by it.
    const agent = `node-red-${this.id}`;
    const store = new RedisImageStore({ connection, outbox: broker === null ? undefined : agent, ownsCameras: false });
    const writer = new ImageWriter(RED, this, store, settings, agent);
    let storing = 0;
    let last: ImageMessage | null = null;
    const status = new StatusLine(this, () => {
      if (storing > 0) return { fill: 'blue', shape: 'dot', text: translate('status.storing') };
      return storeTrouble(translate, storeNode) ?? statusNow(last, broker === null || broker.connected);
    });
    const refresh = () => status.refresh();

    connection.on('state', refresh);
    if (broker !== null) {
      const onProblem = (error: unknown) => this.error(toNodeError(error), {});
      const announcer = new Announcer({ store, broker, topics: new Topics(settings.base), onProblem });
      broker.on('change', refresh);
      broker.start();
      announcer.start();
      this.on('close', (removed: boolean, done: () => void) => {
        announcer.stop();
        broker.stop(removed);
        done();
      });
    }
    status.start();

    this.on('input', (msg, send, done) => {
      storing += 1;
      refresh();
      storeNode
        .use(() => (settings.mode === 'meta' ? writer.addMeta(msg) : writer.write(msg)))
        .then(
          (image) => {
            last = image;
            send({ ...msg, image });
            done();
          },
          (error: unknown) => done(toNodeError(error)),
        )
        .finally(() => {
          storing -= 1;
          refresh();
        });
    });
    this.on('close', (done: () => void) => {
      connection.off('state', refresh);
      status.stop();
      done();
    });
  }

  function statusNow(last: ImageMessage | null, announcing: boolean): NodeStatus {
    if (!announcing) return { fill: 'yellow', shape: 'ring', text: translate('status.brokerAway') };
    const text = last === null ? translate('status.ready') : `${last.camera}, ${ageText(translate, last.timestamp_ms)}`;
    return { fill: 'green', shape: 'dot', text };
  }

  RED.nodes.registerType('redis-image-out', RedisImageOutNode);
};
