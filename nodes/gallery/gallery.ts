import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import { IndexTrimmer } from '../../core/index-trimmer';
import { RedisImageStore } from '../../core/redis-image-store';
import { Topics } from '../../core/topics';
import { cameraControl } from '../../gallery/camera-control';
import { CameraWatch } from '../../gallery/camera-watch';
import type { Gallery } from '../../gallery/gallery';
import { LiveCameras } from '../../gallery/live-cameras';
import { LiveFeed } from '../../gallery/live-feed';
import { findBroker } from '../broker';
import { offerCameras } from '../known-cameras';
import { NodeError } from '../node-error';
import { baseTopicSchema, optionalField, readSettings } from '../settings';
import { StatusLine } from '../status-line';
import { findStore, storeTrouble } from '../store';
import { mountGallery } from './gallery-mount';
import { findGroup, GalleryWidget } from './gallery-widget';

const cameraSchema = z.object({ camera: optionalField(cameraNameSchema) });

const settingsSchema = z.object({
  store: z.string().default(''),
  path: z
    .string()
    .default('luxcam')
    .transform((path) => path.replace(/^\/+|\/+$/g, ''))
    .pipe(z.string().regex(/^[\w-]+(\/[\w-]+)*$/, 'a path is made of letters, digits, _, - and /')),
  broker: z.string().default(''),
  base: baseTopicSchema.default('luxcam'),
  allowCapture: z.boolean().default(false),
  allowPin: z.boolean().default(false),
  allowDelete: z.boolean().default(false),
  camera: z.string().default(''),
  cameraType: z.enum(['str', 'env']).default('str'),
  group: z.string().default(''),
  name: z.string().default(''),
  order: z.coerce.number().default(0),
  width: z.union([z.string(), z.number()]).default(0),
  height: z.union([z.string(), z.number()]).default(0),
});

/** Serves the gallery's page, and shows the gallery in Dashboard 2 where a group is chosen. */
export = (RED: NodeAPI): void => {
  const translate = RED._;

  function GalleryNode(this: Node, def: NodeDef): void {
    RED.nodes.createNode(this, def);
    const answer = (text: string) =>
      this.on('input', (_msg, _send, done) => done(new NodeError('invalid_request', text)));
    const refuse = (text: string) => {
      this.status({ fill: 'red', shape: 'ring', text });
      answer(text);
    };
    const { settings, problem } = readSettings(settingsSchema, def);
    const storeNode = findStore(RED, settings?.store);
    const connection = storeNode?.connection;
    if (settings === null) return void refuse(problem);
    const shown = readSettings(cameraSchema, { camera: cameraOf(this, settings) });
    if (shown.settings === null) return void refuse(shown.problem);
    if (connection == null) return void refuse(storeTrouble(translate, storeNode)?.text ?? '');
    if (RED.settings.httpNodeRoot === false) return void refuse(translate('status.noHttp'));

    const { path, base, group: groupId, allowCapture, allowPin, allowDelete } = settings;
    const store = new RedisImageStore({ connection, ownsCameras: false });
    const broker = findBroker(RED, settings.broker, this.id);
    const watch = broker && new CameraWatch(broker, new Topics(base));
    const control = broker && watch && cameraControl(broker, watch, new Topics(base));
    const permissions = { capture: allowCapture && control !== null, pin: allowPin, delete: allowDelete };
    const gallery: Gallery = { store, permissions, control, onProblem: (text) => this.error(text) };
    const unmount = mountGallery(RED, path, this.id, gallery);
    if (unmount === null) return void refuse(translate('status.pathTaken', { path }));

    const trimmer = new IndexTrimmer(store, (text) => this.warn(text));
    const group = findGroup(RED, groupId);
    const { name, order, width, height } = settings;
    const { camera = '' } = shown.settings;
    const place = { name, order, width, height, group: groupId };
    const widget = group && new GalleryWidget({ RED, node: this, group, gallery, path, camera, permissions, place });
    const status = new StatusLine(
      this,
      () => storeTrouble(translate, storeNode) ?? readyStatus(path, groupId !== '' && group === null),
    );
    const refresh = () => status.refresh();

    connection.on('state', refresh);
    watch?.start();
    broker?.start();
    const withdrawCameras = offerCameras(() => watch?.names() ?? []);
    const stopped = new AbortController();
    connection.ready(stopped.signal).then(
      () => trimmer.start(),
      // The node was stopped before Redis came.
      () => undefined,
    );
    if (widget === null) answer(translate('error.noWidget'));
    else widget.start();
    status.start();
    this.on('close', (removed: boolean, done: () => void) => {
      unmount();
      LiveFeed.of(gallery).stop();
      LiveCameras.of(gallery).stop();
      widget?.stop();
      stopped.abort();
      void trimmer.stop();
      withdrawCameras();
      broker?.stop(removed);
      connection.off('state', refresh);
      status.stop();
      done();
    });
  }

  /** An environment variable may be one of the flow, and so is another one in each of its places. */
  function cameraOf(node: Node, { camera, cameraType }: { camera: string; cameraType: 'str' | 'env' }): unknown {
    return cameraType === 'env' ? RED.util.evaluateNodeProperty(camera, 'env', node, {}) : camera;
  }

  function readyStatus(path: string, dashboardMissing: boolean): NodeStatus {
    const address = `${`${RED.settings.httpNodeRoot || ''}`.replace(/\/+$/, '')}/${path}/`;
    if (dashboardMissing) return { fill: 'yellow', shape: 'dot', text: translate('status.noDashboard', { address }) };
    return { fill: 'green', shape: 'dot', text: translate('status.ready', { address }) };
  }

  RED.nodes.registerType('luxcam-gallery', GalleryNode);
};
