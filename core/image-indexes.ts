import type { StoredImage } from './image';
import { hourScore } from './lux-hours';
import type { RedisClient } from './redis-client';
import type { RedisKeys } from './redis-keys';

/** Commands that Redis runs together. */
export type Transaction = ReturnType<RedisClient['multi']>;

/** Adds an image to all indexes that find it: a part of the transaction that stores it. */
export function addToIndexes(transaction: Transaction, keys: RedisKeys, image: StoredImage): void {
  const { id, camera, trigger, capturedAt, lux, expiresAt } = image;
  const entry = { score: capturedAt, value: id };
  transaction
    .zAdd(keys.images(camera), entry)
    .zAdd(keys.triggered(camera, trigger), entry)
    .sAdd(keys.cameras(), camera);
  if (lux !== null)
    transaction
      .zAdd(keys.lit(camera, trigger), { score: lux, value: id })
      .zAdd(keys.litByHour(camera), { score: hourScore(capturedAt, lux), value: id });
  if (expiresAt === null) transaction.zAdd(keys.pinned(camera), entry);
}
