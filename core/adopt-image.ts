import { imageId, type NewImage, type StoredImage } from './image';
import { describeNewImage, encodeImageHash } from './image-hash';
import { addToIndexes } from './image-indexes';
import { claimId } from './image-sequence';
import type { RedisClient } from './redis-client';
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
 * time of its capture, or the next free millisecond; its number is that of the camera's last image. Throws a LuxcamError `store_unavailable` if Redis does not answer or
 * refuses.
 */
export function adoptImage(store: RedisImageStore, image: NewImage, origin: Origin): Promise<StoredImage> {
  const { connection } = store;
  const { keys, clockCorrection } = connection;
  return asked(store, `The image of ${image.camera} could not be stored`, async (client) => {
    const [id, last] = await Promise.all([
      claimId(connection, image.camera, image.capturedAt),
      client.hGet(keys.sequences(), image.camera),
    ]);
    const key = keys.image(id);
    // It takes no number: an agent that runs gives them out by itself, and who follows the camera would miss some.
    const sequence = Number(last ?? 0);
    const expiresAt = origin.expiresAt === null ? null : origin.expiresAt + clockCorrection;
    const stored = { ...describeNewImage(image, { id, key, sequence }), expiresAt };
    const transaction = client
      .multi()
      .hSet(key, encodeImageHash(stored, image.bytes, image.thumbnail))
      .zAdd(keys.adopted(image.camera), noteOf(store, origin));
    addToIndexes(transaction, keys, stored);
    // The claim of the id has an expiry of its own. PEXPIRE with 0 or less would delete the hash.
    if (origin.expiresAt === null) transaction.persist(key);
    else transaction.pExpire(key, Math.max(1, Math.round(origin.expiresAt - Date.now())));
    await transaction.exec();
    return stored;
  });
}

/**
 * Whether an image of the same source and with the same bytes is there already: under the time of its capture, or a
 * millisecond that follows without a gap.
 */
export async function hasCopy(store: RedisImageStore, { camera, capturedAt, ...image }: NewImage): Promise<boolean> {
  const { keys } = store.connection;
  for (let at = capturedAt; ; at += 1) {
    const key = keys.image(imageId(camera, at));
    const [sha256, source] = await askedOf(store, camera, (client) => client.hmGet(key, ['sha256', 'trigger_source']));
    if (!sha256) return false;
    if (sha256 === image.sha256 && source === image.triggerSource) return true;
  }
}

/** Which of these origins were noted for a camera: their images were copied, whatever has become of the copies. */
export async function knownOrigins(store: RedisImageStore, camera: string, names: string[]): Promise<Set<string>> {
  const key = store.connection.keys.adopted(camera);
  const scores = await askedOf(store, camera, (client) => client.zmScore(key, names));
  return new Set(names.filter((_name, at) => scores[at] !== null));
}

/** Notes the origin of an image that is here already, so that it need not be read again. */
export async function noteOrigin(store: RedisImageStore, camera: string, origin: Origin): Promise<void> {
  const key = store.connection.keys.adopted(camera);
  await askedOf(store, camera, (client) => client.zAdd(key, noteOf(store, origin)));
}

/** Forgets an origin that is there no more. */
export async function forgetOrigin(store: RedisImageStore, camera: string, name: string): Promise<void> {
  const key = store.connection.keys.adopted(camera);
  await askedOf(store, camera, (client) => client.zRem(key, name));
}

function noteOf({ connection }: RedisImageStore, { name, expiresAt }: Origin) {
  const score = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt + connection.clockCorrection;
  return { score, value: name };
}

function askedOf<T>(store: RedisImageStore, camera: string, commands: (client: RedisClient) => Promise<T>): Promise<T> {
  return asked(store, `Which images of ${camera} were adopted can not be read or noted`, commands);
}

async function asked<T>(
  { connection }: RedisImageStore,
  fault: string,
  commands: (client: RedisClient) => Promise<T>,
): Promise<T> {
  try {
    return await connection.run(commands);
  } catch (error) {
    throw connection.unavailable(fault, error);
  }
}
