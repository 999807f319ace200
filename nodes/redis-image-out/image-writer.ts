import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema, metaSchema } from '../../core/image';
import { type ImageMessage, toImageMessage, ttlSchema } from '../../core/messages';
import { prepareImage } from '../../core/prepare-image';
import type { RedisImageStore } from '../../core/redis-image-store';
import { askedImage } from '../asked-image';
import { NodeError, readValue } from '../node-error';
import { baseTopicSchema } from '../settings';
import { evaluate, optionalNumber, typedText } from '../typed-value';

const typedFields = {
  camera: z.string().default('flow'),
  cameraType: z.string().default('str'),
  lux: z.string().default('lux'),
  luxType: z.string().default('msg'),
  meta: z.string().default('meta'),
  metaType: z.string().default('msg'),
};

/** The settings of a redis-image-out node. */
export const writerSettingsSchema = z.object({
  store: z.string().default(''),
  /** Store a picture, or add to the meta of an image that is stored already. */
  mode: z.enum(['store', 'meta']).default('store'),
  broker: z.string().default(''),
  base: baseTopicSchema.default('luxcam'),
  /** Seconds. */
  ttl: typedText.default('3600'),
  ttlType: z.string().default('num'),
  ...typedFields,
});
export type WriterSettings = z.infer<typeof writerSettingsSchema>;

const luxSchema = z.coerce.number().min(0).optional();

/** Stores the image of a message, or adds to the meta of the one that a message names. */
export class ImageWriter {
  private readonly RED: NodeAPI;
  private readonly node: Node;
  private readonly store: RedisImageStore;
  private readonly settings: WriterSettings;
  /** The writer's name in Redis, and of its outbox. */
  private readonly agent: string;

  constructor(RED: NodeAPI, node: Node, store: RedisImageStore, settings: WriterSettings, agent: string) {
    this.RED = RED;
    this.node = node;
    this.store = store;
    this.settings = settings;
    this.agent = agent;
  }

  /**
   * Stores the bytes in `msg.payload`. Throws `invalid_request` if they are no image or a setting is wrong, and
   * `store_unavailable` if Redis is away: nothing is stored then.
   */
  async write(msg: NodeMessage): Promise<ImageMessage> {
    const { payload } = msg;
    if (!Buffer.isBuffer(payload)) throw new NodeError('invalid_request', this.RED._('error.noBuffer'));
    const [camera, ttl, lux, meta] = await Promise.all([
      this.value(msg, 'camera'),
      this.value(msg, 'ttl'),
      this.value(msg, 'lux'),
      this.value(msg, 'meta'),
    ]);
    if (camera === undefined) throw new NodeError('invalid_request', this.RED._('error.noCamera'));
    const seconds = readValue(optionalNumber(ttlSchema), ttl, 'ttl');
    if (seconds === undefined) throw new NodeError('invalid_request', this.RED._('error.noTtl'));
    const named = {
      camera: readValue(cameraNameSchema, camera, 'camera'),
      ttl: seconds,
      lux: readValue(luxSchema, lux, 'lux'),
      meta: readValue(metaSchema, meta ?? {}, 'meta'),
    };
    const stored = await this.store.put({
      ...(await prepareImage(payload)),
      ...named,
      agent: this.agent,
      capturedAt: Date.now(),
      trigger: 'node',
      triggerSource: this.node.name || this.node.id,
      transaction: null,
      replayed: false,
    });
    return toImageMessage(stored);
  }

  /**
   * Adds to the meta of the image in `msg.image` or `msg.payload`. Throws `invalid_request` if none is named or there is
   * nothing to add, `not_found` if the image is gone, and `store_unavailable` if Redis is away.
   */
  async addMeta(msg: NodeMessage): Promise<ImageMessage> {
    // What a service answered stands in the payload, and may have an id of its own: the image goes before it.
    const id = msg.image === undefined ? askedImage(msg.payload, 'payload') : askedImage(msg.image, 'image');
    const meta = await this.value(msg, 'meta');
    if (meta === undefined) throw new NodeError('invalid_request', this.RED._('error.noMeta'));
    const changed = await this.store.addMeta(id, readValue(metaSchema, meta, 'meta'));
    if (changed === null) throw new NodeError('not_found', this.RED._('error.gone', { id }));
    return toImageMessage(changed);
  }

  /** A message's own word goes before the setting. */
  private value(msg: NodeMessage, name: 'camera' | 'ttl' | 'lux' | 'meta'): Promise<unknown> {
    const value = this.settings[name];
    const type = this.settings[`${name}Type`];
    return msg[name] !== undefined ? Promise.resolve(msg[name]) : evaluate(this.RED, this.node, { value, type }, msg);
  }
}
