import { imageId, imageIdSchema, parseImageId, type StoredImage, type TriggerName } from './image';
import type { RedisImageStore } from './redis-image-store';

/** Which images to list. What is absent does not narrow the list. */
export interface ImageQuery {
  cameras?: string[];
  trigger?: TriggerName;
  /** Capture time in unix milliseconds, both ends included. */
  from?: number;
  to?: number;
  luxMin?: number;
  luxMax?: number;
  pinned?: boolean;
  /** How many images the page has at the most. */
  limit: number;
  /** Where the page before ended: its `next`. */
  cursor?: string;
}

/** A page of images, newest first, and where the next one begins: null if there is none. */
export interface Page {
  images: StoredImage[];
  next: string | null;
}

/** How many entries one round trip looks at, at the most. */
const longestStretch = 1000;

/**
 * Walks the cameras' indexes from the newest image down, and leaves out what is gone or does not match. Time, camera,
 * trigger and pinned are answered by the indexes; lux (and `pinned: false`) by reading the images' descriptions.
 */
export async function listImages(store: RedisImageStore, query: ImageQuery): Promise<Page> {
  const cameras = query.cameras ?? (await store.cameras());
  const images: StoredImage[] = [];
  let cursor = query.cursor;
  for (let stretch = query.limit + 1; ; stretch = Math.min(stretch * 2, Math.max(longestStretch, stretch))) {
    const ids = await newestIds(store, cameras, { ...query, cursor }, stretch);
    const described = await store.describeAll(ids);
    for (const image of described) {
      if (image === null || !matches(image, query)) continue;
      if (images.length === query.limit) return { images, next: images.at(-1)?.id ?? null };
      images.push(image);
    }
    if (ids.length < stretch) return { images, next: null };
    cursor = ids.at(-1);
  }
}

/** The ids after the cursor, over all cameras: by time from the newest, and by name within a millisecond. */
async function newestIds(
  store: RedisImageStore,
  cameras: readonly string[],
  query: ImageQuery,
  count: number,
): Promise<string[]> {
  const { client, keys } = store.connection;
  const after = query.cursor === undefined ? undefined : parseImageId(query.cursor);
  const indexes = cameras.map((camera) => {
    if (query.pinned) return keys.pinned(camera);
    return query.trigger ? keys.triggered(camera, query.trigger) : keys.images(camera);
  });
  const highest = (camera: string): string => {
    const to = query.to ?? Number.POSITIVE_INFINITY;
    if (after === undefined || to < after.capturedAt) return scoreText(to);
    return camera > after.camera ? `${after.capturedAt}` : `(${after.capturedAt}`;
  };
  const replies = await Promise.all(
    cameras.map((camera, at) =>
      client.zRange(indexes[at] ?? '', highest(camera), scoreText(query.from ?? Number.NEGATIVE_INFINITY), {
        BY: 'SCORE',
        REV: true,
        LIMIT: { offset: 0, count },
      }),
    ),
  );
  return replies
    .flat()
    .filter((id) => imageIdSchema.safeParse(id).success)
    .map(parseImageId)
    .sort((a, b) => b.capturedAt - a.capturedAt || (a.camera < b.camera ? -1 : 1))
    .slice(0, count)
    .map(({ camera, capturedAt }) => imageId(camera, capturedAt));
}

function scoreText(score: number): string {
  if (Number.isFinite(score)) return `${score}`;
  return score > 0 ? '+inf' : '-inf';
}

function matches(image: StoredImage, query: ImageQuery): boolean {
  const { trigger, pinned, luxMin, luxMax } = query;
  if (trigger !== undefined && image.trigger !== trigger) return false;
  if (pinned !== undefined && (image.expiresAt === null) !== pinned) return false;
  if (luxMin === undefined && luxMax === undefined) return true;
  return image.lux !== null && image.lux >= (luxMin ?? 0) && image.lux <= (luxMax ?? Number.POSITIVE_INFINITY);
}
