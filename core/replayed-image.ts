import { imageIdSchema, type NewImage, type StoredImage } from './image';
import type { RedisImageStore } from './redis-image-store';

/** The field of an image whose id carries a later time than was asked for, because that one was taken: the time asked for. */
export const askedField = 'asked_ms';

/** How many of the newest images are looked at. Those behind the wanted one wait on disk as it does, so it is among the first. */
const newestLookedAt = 100;

/**
 * An image that waited in the spool may be in Redis already: its put was thought to have failed, but only the answer was
 * lost. Its announcement lies in the outbox then, and must not come twice. `asked` is its time in unix milliseconds; its
 * id may carry a later one. Returns null if it is not there.
 */
export async function findReplayed(
  store: RedisImageStore,
  image: NewImage,
  asked: number,
): Promise<StoredImage | null> {
  const { client, keys } = store.connection;
  const ids = await client.zRange(keys.images(image.camera), '+inf', `${asked}`, {
    BY: 'SCORE',
    REV: true,
    LIMIT: { offset: 0, count: newestLookedAt },
  });
  const candidates = ids.filter((id) => imageIdSchema.safeParse(id).success);
  const found = await Promise.all(
    candidates.map(async (id) => {
      const [sha256, askedFor, own] = await client.hmGet(keys.image(id), ['sha256', askedField, 'timestamp_ms']);
      return sha256 === image.sha256 && (askedFor ?? own) === `${asked}`;
    }),
  );
  const id = candidates[found.indexOf(true)];
  return id === undefined ? null : store.describe(id);
}
