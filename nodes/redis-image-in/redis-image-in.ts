import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import type { ImageMessage } from '../../core/messages';
import { RedisImageStore } from '../../core/redis-image-store';
import { NodeError, toNodeError } from '../node-error';
import { readSettings } from '../settings';
import { ageText, StatusLine } from '../status-line';
import { findStore, storeTrouble } from '../store';
import { ImageReader, readerSettingsSchema } from './image-reader';
import { LiveFrames } from './live-frames';
import { NewImages } from './new-images';
import { Turns } from './turns';

/** How many messages are answered at once: more would only fill the memory with pictures that wait to be sent. */
const readsAtOnce = 4;

/** Sends images from Redis: each new one, a camera's live frames, or those that messages ask for. */
export = (RED: NodeAPI): void => {
  const translate = RED._;

  function RedisImageInNode(this: Node, def: NodeDef): void {
    RED.nodes.createNode(this, def);
    const { settings, problem } = readSettings(readerSettingsSchema, def);
    const storeNode = findStore(RED, settings?.store);
    const connection = storeNode?.connection;
    if (settings === null || storeNode === null || connection == null) {
      const text = problem ?? storeTrouble(translate, storeNode)?.text ?? '';
      this.status({ fill: 'red', shape: 'ring', text });
      this.on('input', (_msg, _send, done) => done(new NodeError('invalid_request', text)));
      return;
    }

    const store = new RedisImageStore({ connection, ownsCameras: false });
    let last: ImageMessage | null = null;
    let idle = translate(settings.mode === 'each' ? 'status.redisConnecting' : 'status.ready');
    const status = new StatusLine(
      this,
      () => storeTrouble(translate, storeNode) ?? (settings.mode === 'live' ? live.status() : imageStatus(last, idle)),
    );
    const refresh = () => status.refresh();
    const onSent = (image: ImageMessage) => {
      last = image;
      refresh();
    };
    const live = new LiveFrames({ RED, node: this, connection, settings, onChange: refresh });
    const turns = new Turns(readsAtOnce);
    const reader = new ImageReader({ RED, node: this, store, settings, onSent });
    const onBegin = () => {
      idle = translate('status.waiting');
      refresh();
    };
    const newImages = new NewImages({ RED, node: this, store, settings, onSent, onBegin });

    connection.on('state', refresh);
    status.start();
    if (settings.mode === 'each') newImages.start();
    if (settings.mode === 'live') live.start();
    this.on('input', (msg, send, done) => {
      turns
        .run(() => storeNode.use(() => reader.answer(msg, send)))
        .then(
          () => done(),
          (error: unknown) => done(toNodeError(error)),
        );
    });
    this.on('close', (removed: boolean, done: () => void) => {
      connection.off('state', refresh);
      status.stop();
      newImages.stop(removed);
      live.stop();
      turns.stop();
      done();
    });
  }

  function imageStatus(image: ImageMessage | null, idle: string): NodeStatus {
    const text = image === null ? idle : `${image.camera}, ${ageText(translate, image.timestamp_ms)}`;
    return { fill: 'green', shape: 'dot', text };
  }

  RED.nodes.registerType('redis-image-in', RedisImageInNode);
};
