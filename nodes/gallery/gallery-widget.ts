import { posix } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema, imageIdSchema, triggerNames } from '../../core/image';
import { parseJson } from '../../core/messages';
import type { Gallery, Permissions } from '../../gallery/gallery';
import { LiveFeed } from '../../gallery/live-feed';
import { readValue, toNodeError } from '../node-error';

/** A group of Dashboard 2, as far as a widget needs it. */
interface DashboardGroup {
  register(node: Node, properties: object, hooks: object): void;
  getBase(): { getBaseURL(): string; emit(event: string, message: object, node: Node): void };
}

/** What a person did in the widget, as it comes out of the node. */
const deedSchema = z.object({
  action: z.enum(['opened', 'pinned', 'unpinned', 'deleted', 'capture']),
  id: imageIdSchema.optional(),
  camera: cameraNameSchema.optional(),
});

const time = z.union([z.iso.datetime({ offset: true }), z.number().min(0)]);

/** Which images a flow wants shown, in the words of `api/images`; what is absent or null narrows nothing. */
const filterSchema = z.object({
  camera: z.union([z.literal(''), cameraNameSchema]).nullish(),
  trigger: z.enum(triggerNames).nullish(),
  from: time.nullish(),
  to: time.nullish(),
  lux_min: z.number().min(0).nullish(),
  lux_max: z.number().min(0).nullish(),
  pinned: z.boolean().nullish(),
});
const filterNames = new Set(Object.keys(filterSchema.shape));

/** What a flow wants done: an image opened (null: closed), or the next images shown. */
const openSchema = z.object({ open: imageIdSchema.nullable() });
const pageSchema = z.object({ page: z.enum(['newer', 'older', 'newest']) });

/** What Dashboard 2 itself understands in a message, and nothing more: the rest would go to every browser. */
const dashboardSchema = z.object({
  visible: z.boolean().optional(),
  enabled: z.boolean().optional(),
  class: z.string().optional(),
  ui_update: z.looseObject({ class: z.string().optional() }).optional(),
});

export interface GalleryWidgetParts {
  RED: NodeAPI;
  node: Node;
  group: DashboardGroup;
  gallery: Gallery;
  /** Where the gallery is mounted under Node-RED's http nodes, without slashes at its ends. */
  path: string;
  /** The only camera to show; empty for all. */
  camera: string;
  permissions: Permissions;
  /** The widget's place in its group: `name`, `width`, `height`, `order`. */
  place: object;
}

/** The gallery in a group of Dashboard 2. Pictures travel over HTTP; the dashboard's socket carries only what happens. */
export class GalleryWidget {
  private readonly parts: GalleryWidgetParts;
  private readonly stopped = new AbortController();
  /** The messages that came over wires: Dashboard 2 asks us about them in the same way as about a browser's. */
  private readonly wired = new WeakSet<object>();
  private leave: (() => void) | undefined;

  constructor(parts: GalleryWidgetParts) {
    this.parts = parts;
  }

  start(): void {
    const { RED, node, group, path, camera, permissions, place } = this.parts;
    // Before the dashboard's own listener, which Node-RED calls after this one.
    node.on('input', (msg: NodeMessage) => {
      this.wired.add(msg);
    });
    const base = posix.relative(group.getBase().getBaseURL(), posix.join('/', RED.settings.httpNodeRoot || '/', path));
    // What stands here is sent to every browser that opens the dashboard.
    const properties = {
      id: node.id,
      type: node.type,
      z: node.z,
      ...place,
      luxcam: { base, camera, actions: permissions },
    };
    group.register(
      node,
      { ...properties, passthru: false },
      {
        onAction: true,
        beforeSend: (msg: NodeMessage) => (this.wired.has(msg) ? fromFlow(msg) : fromBrowser(msg)),
        // Without it a message from the flow would be kept and passed on as it is.
        onInput: () => undefined,
        onError: (error: unknown) => node.error(toNodeError(error)),
      },
    );
    this.follow().catch((error: unknown) => node.error(toNodeError(error)));
  }

  stop(): void {
    this.stopped.abort();
    this.leave?.();
  }

  /** Tells the browsers what happens, as long as the node lives. */
  private async follow(): Promise<void> {
    const { gallery } = this.parts;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await gallery.store.connection.ready(signal);
        await new Promise<void>((resolve, reject) => {
          const listener = {
            // Nobody was told of what was stored until here, after a deploy or while Redis was away.
            begin: () => this.push('reset', {}),
            tell: ({ event, data }: { event: string; data: string }) => this.push(event, parseJson(z.unknown(), data)),
            end: resolve,
          };
          LiveFeed.of(gallery)
            .follow(listener)
            .then((leave) => {
              this.leave = leave;
              if (signal.aborted) leave();
            }, reject);
        });
      } catch {
        // Redis went away between two steps; its state tells so.
      }
      await setTimeout(500, undefined, { signal }).catch(() => undefined);
    }
  }

  private push(event: string, data: unknown): void {
    const { group, node } = this.parts;
    group.getBase().emit(`msg-input:${node.id}`, { payload: { luxcam: { event, data } } }, node);
  }
}

/** The group that a node's settings name; null where Dashboard 2 is not installed. */
export function findGroup(RED: NodeAPI, id: string): DashboardGroup | null {
  const node: unknown = id ? RED.nodes.getNode(id) : null;
  return isGroup(node) ? node : null;
}

function isGroup(node: unknown): node is DashboardGroup {
  return typeof node === 'object' && node !== null && 'type' in node && node.type === 'ui-group' && 'register' in node;
}

/**
 * What a message of the flow says to the browsers: what to show, and what Dashboard 2 itself understands. What is
 * thrown here Dashboard 2 hands to `done`.
 */
function fromFlow(msg: NodeMessage): object {
  const order = readOrder(msg.payload);
  return { ...dashboardSchema.safeParse(msg).data, ...(order && { payload: { luxcam: order } }) };
}

/** What a payload asks for; undefined for any other, which is none of ours. Throws a NodeError `invalid_request`. */
function readOrder(payload: unknown): { event: string; data: object } | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if ('open' in payload) return { event: 'open', data: readValue(openSchema, payload, 'payload') };
  if ('page' in payload) return { event: 'page', data: readValue(pageSchema, payload, 'payload') };
  if (!Object.keys(payload).some((name) => filterNames.has(name))) return undefined;
  return { event: 'filter', data: readValue(filterSchema, payload, 'payload') };
}

/** What a browser says a person did. Anyone who reaches the dashboard's socket can send it, so it is checked. */
function fromBrowser(msg: NodeMessage): NodeMessage {
  const payload = readValue(deedSchema, msg.payload, 'payload');
  return { payload, topic: payload.action, ...(msg._client !== undefined && { _client: msg._client }) };
}
