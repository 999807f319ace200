import { imageId, type NewImage, type StoredImage } from './image';
import { describeNewImage, encodeImageHash } from './image-hash';
import { SharedSequence } from './image-sequence';
import type { RedisImageStore } from './redis-image-store';

/** Where an image of another program comes from. */
export interface Origin {
  /** Its key there, and which Redis that is, if it is another one. */
  name: string;
  /** Milliseconds it has left there; null if it never expires. */
  left: number | null;
}

/**
 * Stores an image that another program took, with what is left of its life, and notes where it came from, in one
 * transaction. Nobody is told: an image of last week is no news, and there may be 100,000 of them. Its id carries the
 * time of its capture, or the next free millisecond. Throws a LuxcamError `store_unavailable` if Redis does not answer or
 * refuses.
 */
export async function adoptImage(
  store: RedisImageStore,
  image: NewImage,
  { name, left }: Origin,
): Promise<StoredImage> {
  const { client, keys, clockCorrection } = store.connection;
  const { camera, capturedAt } = image;
  try {
    const { id, sequence } = await new SharedSequence(store.connection).next(camera, capturedAt);
    const key = keys.image(id);
    const expiresAt = left === null ? null : Date.now() + clockCorrection + left;
    const stored = { ...describeNewImage(image, { id, key, sequence }), expiresAt };
    const entry = { score: stored.capturedAt, value: id };
    const transaction = client
      .multi()
      .hSet(key, encodeImageHash(stored, image.bytes, image.thumbnail))
      .zAdd(keys.images(camera), entry)
      .zAdd(keys.triggered(camera, image.trigger), entry)
      .sAdd(keys.cameras(), camera)
      .zAdd(keys.adopted(camera), noteOf(store, { name, left }));
    // The claim of the id has an expiry of its own.
    if (left === null) transaction.persist(key).zAdd(keys.pinned(camera), entry);
    else transaction.pExpire(key, Math.max(1, left));
    await transaction.exec();
    return stored;
  } catch (error) {
    throw store.connection.unavailable(`The image of ${camera} could not be stored`, error);
  }
}

/** Whether an image with these bytes is there already: under the time of its capture, or one that follows at once. */
export async function findCopy(store: RedisImageStore, image: NewImage): Promise<StoredImage | null> {
  for (let at = image.capturedAt; ; at += 1) {
    const found = await store.describe(imageId(image.camera, at));
    if (found === null || found.sha256 === image.sha256) return found;
  }
}

/** Which of these origins were noted for a camera: their images were copied, whatever has become of the copies. */
export async function knownOrigins(store: RedisImageStore, camera: string, names: string[]): Promise<Set<string>> {
  const { client, keys } = store.connection;
  const scores = await asked(store, camera, client.zmScore(keys.adopted(camera), names));
  return new Set(names.filter((_name, at) => scores[at] !== null));
}

/** Notes the origin of an image that is here already, so that it need not be read again. */
export async function noteOrigin(store: RedisImageStore, camera: string, origin: Origin): Promise<void> {
  const { client, keys } = store.connection;
  await asked(store, camera, client.zAdd(keys.adopted(camera), noteOf(store, origin)));
}

/** Forgets an origin that is there no more. */
export async function forgetOrigin(store: RedisImageStore, camera: string, name: string): Promise<void> {
  const { client, keys } = store.connection;
  await asked(store, camera, client.zRem(keys.adopted(camera), name));
}

function noteOf({ connection }: RedisImageStore, { name, left }: Origin) {
  const score = left === null ? Number.POSITIVE_INFINITY : Date.now() + connection.clockCorrection + left;
  return { score, value: name };
}

async function asked<T>({ connection }: RedisImageStore, camera: string, reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw connection.unavailable(`Which images of ${camera} were adopted can not be read or noted`, error);
  }
}
