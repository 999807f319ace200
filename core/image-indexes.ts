import type { StoredImage } from './image';
import type { RedisClient } from './redis-client';
import type { RedisKeys } from './redis-keys';

/** Commands that Redis runs together. */
export type Transaction = ReturnType<RedisClient['multi']>;

/** Adds an image to all indexes that find it: a part of the transaction that stores it. */
export function addToIndexes(transaction: Transaction, keys: RedisKeys, image: StoredImage): void {
  const entry = { score: image.capturedAt, value: image.id };
  transaction
    .zAdd(keys.images(image.camera), entry)
    .zAdd(keys.triggered(image.camera, image.trigger), entry)
    .sAdd(keys.cameras(), image.camera);
  const { camera, trigger, lux } = image;
  if (lux !== null) transaction.zAdd(keys.lit(camera, trigger), { score: lux, value: image.id });
  if (image.expiresAt === null) transaction.zAdd(keys.pinned(image.camera), entry);
}
