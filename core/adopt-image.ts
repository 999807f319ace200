import { imageId, type NewImage, type StoredImage } from './image';
import { describeNewImage, encodeImageHash } from './image-hash';
import { SharedSequence } from './image-sequence';
import type { RedisImageStore } from './redis-image-store';

/** Where an image of another program comes from. */
export interface Origin {
  /** Its key there, and which Redis that is, if it is another one. */
  name: string;
  /** When it expires there, in unix milliseconds by this machine's clock; null if never. */
  expiresAt: number | null;
}

/**
 * Stores an image that another program took, with what is left of its life, and notes where it came from, in one
 * transaction. Nobody is told: an image of last week is no news, and there may be 100,000 of them. Its id carries the
 * time of its capture, or the next free millisecond. Throws a LuxcamError `store_unavailable` if Redis does not answer or
 * refuses.
 */
export async function adoptImage(store: RedisImageStore, image: NewImage, origin: Origin): Promise<StoredImage> {
  const { client, keys, clockCorrection } = store.connection;
  const { camera, capturedAt } = image;
  try {
    const { id, sequence } = await new SharedSequence(store.connection).next(camera, capturedAt);
    const key = keys.image(id);
    const expiresAt = origin.expiresAt === null ? null : origin.expiresAt + clockCorrection;
    const stored = { ...describeNewImage(image, { id, key, sequence }), expiresAt };
    const entry = { score: stored.capturedAt, value: id };
    const transaction = client
      .multi()
      .hSet(key, encodeImageHash(stored, image.bytes, image.thumbnail))
      .zAdd(keys.images(camera), entry)
      .zAdd(keys.triggered(camera, image.trigger), entry)
      .sAdd(keys.cameras(), camera)
      .zAdd(keys.adopted(camera), noteOf(store, origin));
    // The claim of the id has an expiry of its own.
    if (origin.expiresAt === null) transaction.persist(key).zAdd(keys.pinned(camera), entry);
    else transaction.pExpire(key, Math.max(1, Math.round(origin.expiresAt - Date.now())));
    await transaction.exec();
    return stored;
  } catch (error) {
    throw store.connection.unavailable(`The image of ${camera} could not be stored`, error);
  }
}

/**
 * Whether an image of the same source and with the same bytes is there already: under the time of its capture, or a
 * millisecond that follows without a gap.
 */
export async function hasCopy(store: RedisImageStore, { camera, capturedAt, ...image }: NewImage): Promise<boolean> {
  const { client, keys } = store.connection;
  for (let at = capturedAt; ; at += 1) {
    const reply = client.hmGet(keys.image(imageId(camera, at)), ['sha256', 'trigger_source']);
    const [sha256, source] = await asked(store, camera, reply);
    if (!sha256) return false;
    if (sha256 === image.sha256 && source === image.triggerSource) return true;
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

function noteOf({ connection }: RedisImageStore, { name, expiresAt }: Origin) {
  const score = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt + connection.clockCorrection;
  return { score, value: name };
}

async function asked<T>({ connection }: RedisImageStore, camera: string, reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw connection.unavailable(`Which images of ${camera} were adopted can not be read or noted`, error);
  }
}
