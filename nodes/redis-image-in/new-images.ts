import { setTimeout } from 'node:timers/promises';
import type { Node, NodeAPI } from 'node-red';
import { cameraNameSchema, parseImageId } from '../../core/image';
import { LuxcamError } from '../../core/luxcam-error';
import type { ImageMessage } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import { readValue, toNodeError } from '../node-error';
import { evaluate } from '../typed-value';
import { type ImageContent, readContent } from './image-content';
import { freshProgress, ImageFollower, type Progress } from './image-follower';
import type { ReaderSettings } from './image-reader';
import { LatestOnly } from './latest-only';

/** How often an image is asked for of a Redis that is there but refuses, before that is reported. */
const attempts = 3;

/** What of a node outlives a deploy, so that nothing is missed or told twice. */
interface Place {
  progress: Progress;
  /** The ids of the images that are still to be sent, by camera, where only the latest counts. */
  waiting: Map<string, string>;
}

/** By node and store. */
const placeOf = new Map<string, Place>();

export interface NewImagesParts {
  RED: NodeAPI;
  node: Node;
  store: RedisImageStore;
  settings: ReaderSettings;
  /** Is told of each image that was sent. */
  onSent: (image: ImageMessage) => void;
  /** Is called when it begins to look out for images. */
  onBegin: () => void;
}

/** Sends each new image from a node, until it is stopped. */
export class NewImages {
  private readonly parts: NewImagesParts;
  private readonly stopped = new AbortController();

  constructor(parts: NewImagesParts) {
    this.parts = parts;
  }

  start(): void {
    const { node } = this.parts;
    this.follow().catch((error: unknown) => node.error(toNodeError(error), {}));
  }

  /** `removed` tells that the node will not come back to go on from here. */
  stop(removed: boolean): void {
    this.stopped.abort();
    if (removed) placeOf.delete(this.key());
  }

  private async follow(): Promise<void> {
    const { RED, node, store, settings, onBegin } = this.parts;
    const value = await evaluate(RED, node, { value: settings.camera, type: settings.cameraType }, {});
    const camera = readValue(cameraNameSchema.optional(), value, 'camera');
    const { progress, waiting } = placeOf.get(this.key()) ?? { progress: freshProgress(), waiting: new Map() };
    placeOf.set(this.key(), { progress, waiting });
    const interest = { camera, trigger: settings.trigger };
    const send = (id: string) => this.send(id);
    const latest = new LatestOnly(waiting, send, this.stopped.signal);
    latest.start();
    const offer = async (id: string) => latest.offer(parseImageId(id).camera, id);
    const onImage = settings.backlog === 'latest' ? offer : send;
    const follower = new ImageFollower({ store, interest, progress, onBegin, onImage });
    await follower.run(this.stopped.signal);
  }

  /** Sends one image, or reports once that it can't be read. */
  private async send(id: string): Promise<void> {
    const { node, onSent } = this.parts;
    try {
      const content = await this.read(id);
      if (content === null || this.stopped.signal.aborted) return;
      node.send({ topic: content.image.camera, ...content });
      onSent(content.image);
    } catch (error) {
      node.error(toNodeError(error), { payload: id });
    }
  }

  /** Reads an image as soon as Redis is there. Null if the node was stopped meanwhile. */
  private async read(id: string): Promise<ImageContent | null> {
    const { store, settings } = this.parts;
    const { signal } = this.stopped;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readContent(store, id, settings.output);
      } catch (error) {
        if (signal.aborted) return null;
        const broken = error instanceof LuxcamError && error.code === 'store_unavailable';
        if (!broken || attempt === attempts) throw error;
        await setTimeout(500, undefined, { signal }).catch(() => undefined);
        await store.connection.ready(signal).catch(() => undefined);
        if (signal.aborted) return null;
      }
    }
  }

  private key(): string {
    const { node, store } = this.parts;
    return JSON.stringify([node.id, store.connection.address, store.connection.keys.prefix]);
  }
}
