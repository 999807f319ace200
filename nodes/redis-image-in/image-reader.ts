import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema, imageIdSchema, triggerNames } from '../../core/image';
import type { ImageQuery } from '../../core/image-list';
import type { ImageMessage } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import { askedImage } from '../asked-image';
import { NodeError, readValue } from '../node-error';
import { optionalField } from '../settings';
import { evaluate } from '../typed-value';
import { contentKinds, type ImageContent, readContent } from './image-content';

/** More than this at once is better asked for in parts. */
const mostImages = 1000;

/** The settings of a redis-image-in node. */
export const readerSettingsSchema = z.object({
  store: z.string().default(''),
  mode: z.enum(['each', 'live', 'id', 'latest', 'range']).default('each'),
  camera: z.string().default(''),
  cameraType: z.string().default('str'),
  trigger: optionalField(z.enum(triggerNames)),
  output: z.enum(contentKinds).default('buffer'),
  /** What becomes of new images that come faster than they are read: all are sent, or of each camera the latest only. */
  backlog: z.enum(['every', 'latest']).default('every'),
  /** Live frames a second, at most; absent: as they come. */
  fps: optionalField(z.coerce.number().min(0.1).max(60)),
  limit: z.coerce.number().int().min(1).max(mostImages).default(50),
  /** Whether a range is sent as one message with an array. */
  together: z.boolean().default(false),
});
export type ReaderSettings = z.infer<typeof readerSettingsSchema>;

/** Unix milliseconds, an ISO 8601 time, or a Date. */
const timeSchema = z
  .union([z.number(), z.string(), z.date()])
  .transform((time) => new Date(time).getTime())
  .refine((time) => !Number.isNaN(time), 'a time is unix milliseconds, ISO 8601 text or a Date');

const rangeSchema = z.looseObject({
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  camera: cameraNameSchema.optional(),
  trigger: z.enum(triggerNames).optional(),
  lux_min: z.number().optional(),
  lux_max: z.number().optional(),
  pinned: z.boolean().optional(),
  limit: z.number().int().min(1).max(mostImages).optional(),
  cursor: imageIdSchema.nullish(),
});

type Send = (message: NodeMessage) => void;

export interface ImageReaderParts {
  RED: NodeAPI;
  node: Node;
  store: RedisImageStore;
  settings: ReaderSettings;
  /** Is told of each image that was sent. */
  onSent: (image: ImageMessage) => void;
}

/** Answers messages with images: one by its id, the latest, or those of a range. */
export class ImageReader {
  private readonly parts: ImageReaderParts;

  constructor(parts: ImageReaderParts) {
    this.parts = parts;
  }

  /** Sends what a message asks for. Throws a NodeError or a LuxcamError. */
  async answer(msg: NodeMessageInFlow, send: Send): Promise<void> {
    const { store, settings, onSent } = this.parts;
    if (settings.mode === 'range') return this.answerRange(msg, send);
    const id = settings.mode === 'latest' ? await this.latestId(msg) : askedImage(msg.payload, 'payload');
    const content = await readContent(store, id, settings.output);
    send({ ...msg, ...content });
    onSent(content.image);
  }

  private async latestId(msg: NodeMessage): Promise<string> {
    const camera = await this.camera(msg);
    const { trigger } = this.parts.settings;
    const cameras = camera ? [camera] : undefined;
    const { images } = await this.parts.store.list({ cameras, trigger, limit: 1, total: false });
    if (images[0] !== undefined) return images[0].id;
    throw new NodeError(
      'not_found',
      this.parts.RED._(camera ? 'error.noImageOf' : 'error.noImage', { camera: camera ?? '' }),
    );
  }

  /** The newest images of the range, sent from the oldest of them on, with where to go on and how many there are. */
  private async answerRange(msg: NodeMessageInFlow, send: Send): Promise<void> {
    const { RED, store, settings } = this.parts;
    const { images, ...page } = await store.list(await this.query(msg));
    const ids = images.map(({ id }) => id).reverse();
    if (settings.together) {
      const contents = [];
      for await (const content of this.contents(ids)) contents.push(content);
      const [payload, image] = [contents.map((content) => content.payload), contents.map((content) => content.image)];
      send({ ...msg, payload, image, ...page });
      return;
    }
    // Images may vanish while we read, so their number is known only with the last one: that one carries the count.
    let held: ImageContent | undefined;
    let index = 0;
    for await (const content of this.contents(ids)) {
      if (held !== undefined) {
        send({ ...RED.util.cloneMessage(msg), ...held, ...page, parts: { id: msg._msgid, index } });
        index += 1;
      }
      held = content;
    }
    if (held !== undefined) send({ ...msg, ...held, ...page, parts: { id: msg._msgid, index, count: index + 1 } });
  }

  /** One image after the other, without those that have gone since they were listed. */
  private async *contents(ids: readonly string[]): AsyncGenerator<ImageContent> {
    const { store, settings, onSent } = this.parts;
    for (const id of ids) {
      try {
        const content = await readContent(store, id, settings.output);
        yield content;
        onSent(content.image);
      } catch (error) {
        if (!(error instanceof NodeError && error.code === 'not_found')) throw error;
      }
    }
  }

  private async query(msg: NodeMessage): Promise<ImageQuery> {
    const { payload } = msg;
    const { settings } = this.parts;
    const asked = readValue(rangeSchema, typeof payload === 'object' && payload !== null ? payload : {}, 'payload');
    const camera = asked.camera ?? (await this.camera(msg));
    return {
      from: asked.from,
      to: asked.to,
      cameras: camera ? [camera] : undefined,
      trigger: asked.trigger ?? settings.trigger,
      luxMin: asked.lux_min,
      luxMax: asked.lux_max,
      pinned: asked.pinned,
      limit: asked.limit ?? settings.limit,
      cursor: asked.cursor ?? undefined,
    };
  }

  private async camera(msg: NodeMessage): Promise<string | undefined> {
    const { RED, node, settings } = this.parts;
    const typed = { value: settings.camera, type: settings.cameraType };
    const camera = msg.camera ?? (await evaluate(RED, node, typed, msg));
    return readValue(cameraNameSchema.optional(), camera, 'camera');
  }
}
