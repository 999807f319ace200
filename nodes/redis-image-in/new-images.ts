import { setTimeout } from 'node:timers/promises';
import type { Node, NodeAPI } from 'node-red';
import { cameraNameSchema } from '../../core/image';
import { LuxcamError } from '../../core/luxcam-error';
import type { ImageMessage } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import { readValue, toNodeError } from '../node-error';
import { evaluate } from '../typed-value';
import { type ImageContent, readContent } from './image-content';
import { freshProgress, ImageFollower, type Progress } from './image-follower';
import type { ReaderSettings } from './image-reader';

/** How often an image is asked for of a Redis that is there but refuses, before that is reported. */
const attempts = 3;

/** How far each node has come, by node and store: nothing is missed or told twice over a deploy. */
const progressOf = new Map<string, Progress>();

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
    if (removed) progressOf.delete(this.key());
  }

  private async follow(): Promise<void> {
    const { RED, node, store, settings, onBegin } = this.parts;
    const value = await evaluate(RED, node, { value: settings.camera, type: settings.cameraType }, {});
    const camera = readValue(cameraNameSchema.optional(), value, 'camera');
    const progress = progressOf.get(this.key()) ?? freshProgress();
    progressOf.set(this.key(), progress);
    const interest = { camera, trigger: settings.trigger };
    const follower = new ImageFollower({ store, interest, progress, onBegin, onImage: (id) => this.send(id) });
    await follower.run(this.stopped.signal);
  }

  /** Sends one image, or reports once that it can't be read. */
  private async send(id: string): Promise<void> {
    const { node, onSent } = this.parts;
    try {
      const content = await this.read(id);
      if (content === null) return;
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
