import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema, metaSchema } from '../../core/image';
import { type ImageMessage, toImageMessage, ttlSchema } from '../../core/messages';
import { prepareImage } from '../../core/prepare-image';
import type { RedisImageStore } from '../../core/redis-image-store';
import { NodeError, readValue } from '../node-error';
import { baseTopicSchema } from '../settings';
import { evaluate } from '../typed-value';

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
  broker: z.string().default(''),
  base: baseTopicSchema.default('luxcam'),
  /** Seconds. */
  ttl: z.coerce.number().pipe(ttlSchema).default(3600),
  ...typedFields,
});
export type WriterSettings = z.infer<typeof writerSettingsSchema>;

const luxSchema = z.coerce.number().min(0).optional();

/** Stores the image of a message. */
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
    const [camera, lux, meta] = await Promise.all([
      this.value(msg, 'camera'),
      this.value(msg, 'lux'),
      this.value(msg, 'meta'),
    ]);
    if (camera === undefined) throw new NodeError('invalid_request', this.RED._('error.noCamera'));
    const named = {
      camera: readValue(cameraNameSchema, camera, 'camera'),
      ttl: readValue(ttlSchema, msg.ttl ?? this.settings.ttl, 'ttl'),
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

  /** A message's own word goes before the setting. */
  private value(msg: NodeMessage, name: 'camera' | 'lux' | 'meta'): Promise<unknown> {
    const value = this.settings[name];
    const type = this.settings[`${name}Type`];
    return msg[name] !== undefined ? Promise.resolve(msg[name]) : evaluate(this.RED, this.node, { value, type }, msg);
  }
}
