import { z } from 'zod';
import type { StoredImage } from './image';
import type { ImageSearch } from './image-list';
import type { RedisImageStore } from './redis-image-store';
import { siftScript } from './redis-scripts';

/** How many images one script call looks at: one to two milliseconds of Redis' time. */
const longestStretch = 1000;

const placesSchema = z.array(z.number());

/**
 * Leaves those of the ids whose images are there and match a search, in their order. It reads four small fields of each
 * within Redis, for a fifth of the time that their descriptions would take.
 */
export async function siftImages(
  store: RedisImageStore,
  ids: readonly string[],
  { trigger, luxMin, luxMax, pinned }: ImageSearch,
): Promise<string[]> {
  const { client, keys } = store.connection;
  const byLux = luxMin !== undefined || luxMax !== undefined;
  const wanted = [
    trigger ?? '',
    byLux ? `${luxMin ?? 0}` : '',
    byLux ? `${luxMax ?? Number.MAX_VALUE}` : '',
    pinned === undefined ? '' : `${Number(pinned)}`,
  ];
  const left: string[] = [];
  for (let at = 0; at < ids.length; at += longestStretch) {
    const stretch = ids.slice(at, at + longestStretch);
    const reply = await client.eval(siftScript, { keys: stretch.map((id) => keys.image(id)), arguments: wanted });
    for (const place of placesSchema.parse(reply)) left.push(stretch[place - 1] ?? '');
  }
  return left;
}

/** Whether an image is one that a search looks for, apart from its camera and its time. */
export function matches(image: StoredImage, { trigger, luxMin, luxMax, pinned }: ImageSearch): boolean {
  if (trigger !== undefined && image.trigger !== trigger) return false;
  if (pinned !== undefined && (image.expiresAt === null) !== pinned) return false;
  if (luxMin === undefined && luxMax === undefined) return true;
  return image.lux !== null && image.lux >= (luxMin ?? 0) && image.lux <= (luxMax ?? Number.POSITIVE_INFINITY);
}
