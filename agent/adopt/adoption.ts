import { adoptImage, forgetOrigin, hasCopy, knownOrigins, noteOrigin } from '../../core/adopt-image';
import type { NewImage } from '../../core/image';
import { readImage } from '../../core/image-format';
import { latestBelieved } from '../../core/image-sequence';
import { LuxcamError } from '../../core/luxcam-error';
import { prepareImage } from '../../core/prepare-image';
import type { RedisImageStore } from '../../core/redis-image-store';
import { forEachAtOnce } from './at-once';
import type { CameraNames } from './camera-names';
import type { OldImage, OldImages } from './old-images';
import { type FoundCamera, type OldKey, oldCamera } from './old-layouts';

/** Thumbnails are made on as many threads as Node.js has for that, which is four; Redis has work meanwhile. */
const imagesAtOnce = 8;

/** What an image that never expires gets for the case that it is unpinned: the default of a camera, in seconds. */
const ttlOfPinned = 3600;

const tooLate = "its time is more than a minute ahead of Redis' clock";

export interface AdoptionParts {
  store: RedisImageStore;
  /** One of each Redis that they lie in: a cluster has several. */
  sources: readonly OldImages[];
  /** Goes before the names of keys: says which Redis they lie in, if it is another one. */
  sourceName: string;
  names: CameraNames;
  /** Is noted as the one who stored the images. */
  agent: string;
  /** Whether the originals are deleted. */
  move: boolean;
  /** Whether all is read and nothing written. */
  dryRun: boolean;
  thumbnails: boolean;
  onProgress: () => void;
}

/** Copies the images of older programs to luxcam's: first it looks how many there are, then it brings them. */
export class Adoption {
  readonly cameras = new Map<string, FoundCamera>();
  /** Images stored (or, in a dry run, that would be), and their bytes. */
  adopted = 0;
  bytes = 0;
  /** Images that were gone when it was their turn. */
  expired = 0;
  /** Images that were here already, although no earlier run has noted them: as from the same Redis by another name. */
  here = 0;
  /** Originals deleted, and those that stay because no copy of them is here (any more). */
  deleted = 0;
  kept = 0;
  /** Keys that hold no image that luxcam takes, and why. */
  readonly leftOut = new Map<string, string>();
  private readonly parts: AdoptionParts;

  constructor(parts: AdoptionParts) {
    this.parts = parts;
  }

  /** How many images there are to deal with. */
  get total(): number {
    const each = [...this.cameras.values()].map(({ images, known }) => images - (this.parts.move ? 0 : known));
    return each.reduce((sum, count) => sum + count, 0);
  }

  /** How many of them are dealt with. */
  get done(): number {
    const { move } = this.parts;
    return (move ? this.deleted + this.kept : this.adopted + this.here) + this.expired + this.leftOut.size;
  }

  /** Counts the images by their keys alone. */
  async survey(signal: AbortSignal): Promise<void> {
    for await (const looked of this.lookedAt()) {
      if (signal.aborted) return;
      for (const { old, camera, known } of looked) {
        const from = oldCamera(old);
        const found = this.cameras.get(from) ?? { layout: old.layout, from, camera, images: 0, known: 0 };
        found.images += 1;
        if (known) found.known += 1;
        this.cameras.set(from, found);
      }
    }
  }

  /** Brings what is not here yet. When the signal aborts, what is in hand is finished. */
  async bring(signal: AbortSignal): Promise<void> {
    for await (const looked of this.lookedAt()) {
      const wanted = looked.filter(({ known }) => !known || this.parts.move);
      await forEachAtOnce(wanted, imagesAtOnce, signal, (one) => this.bringOne(one));
      if (signal.aborted) return;
    }
  }

  private async *lookedAt(): AsyncGenerator<Looked[]> {
    for (const source of this.parts.sources)
      for await (const keys of source.keys()) yield await this.look(source, keys);
  }

  private async look(source: OldImages, keys: readonly OldKey[]): Promise<Looked[]> {
    const { store, names } = this.parts;
    const cameras = new Map<string, OldKey[]>();
    for (const old of keys) {
      const camera = await names.find(old);
      const olds = cameras.get(camera) ?? [];
      cameras.set(camera, olds);
      olds.push(old);
    }
    const looked = [...cameras].map(async ([camera, olds]) => {
      const origins = olds.map((old) => this.originName(old));
      const known = await knownOrigins(store, camera, origins);
      return olds.map((old, at) => ({ source, old, camera, known: known.has(origins[at] ?? '') }));
    });
    return (await Promise.all(looked)).flat();
  }

  private async bringOne({ source, old, camera, known }: Looked): Promise<void> {
    const { store, move, dryRun } = this.parts;
    try {
      if (!known && old.capturedAt > latestBelieved(store.connection))
        throw new LuxcamError('invalid_request', tooLate);
      const image = await source.read(old);
      if (image === null) this.expired += 1;
      else if (dryRun) this.tryOne(image, known);
      else {
        const here = await this.keep(old, camera, image, known);
        if (here && move) await this.deleteOriginal(source, old, camera);
        else if (!here) this.kept += 1;
      }
    } catch (error) {
      if (!(error instanceof LuxcamError) || error.code !== 'invalid_request') throw error;
      this.leftOut.set(this.originName(old), error.message);
    }
    this.parts.onProgress();
  }

  private tryOne(image: OldImage, known: boolean): void {
    readImage(image.bytes);
    if (this.parts.move) this.deleted += 1;
    if (known) return;
    this.adopted += 1;
    this.bytes += image.bytes.length;
  }

  /** Stores the image if it is new. Returns whether it is here: one that was deleted here does not come again. */
  private async keep(old: OldKey, camera: string, { bytes, expiresAt, lux, meta }: OldImage, known: boolean) {
    const { store, agent, thumbnails } = this.parts;
    const image: NewImage = {
      ...(await prepareImage(bytes, { thumbnail: thumbnails && !known })),
      camera,
      agent,
      capturedAt: old.capturedAt,
      ttl: expiresAt === null ? ttlOfPinned : Math.max(1, Math.round((expiresAt - old.capturedAt) / 1000)),
      lux,
      trigger: 'adopted',
      triggerSource: old.key,
      meta,
      transaction: null,
      replayed: false,
    };
    const copied = await hasCopy(store, image);
    if (known) return copied;
    const origin = { name: this.originName(old), expiresAt };
    if (copied) {
      await noteOrigin(store, camera, origin);
      this.here += 1;
      return true;
    }
    await adoptImage(store, image, origin);
    this.adopted += 1;
    this.bytes += bytes.length;
    return true;
  }

  private async deleteOriginal(source: OldImages, old: OldKey, camera: string): Promise<void> {
    const { store } = this.parts;
    await source.delete(old.key);
    this.deleted += 1;
    // There is nothing left that could come again.
    await forgetOrigin(store, camera, this.originName(old));
  }

  private originName({ key }: OldKey): string {
    return this.parts.sourceName + key;
  }
}

interface Looked {
  source: OldImages;
  old: OldKey;
  camera: string;
  /** Whether an earlier run has copied it. */
  known: boolean;
}
