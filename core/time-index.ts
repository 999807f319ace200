import { parseImageId } from './image';
import type { ImageSearch } from './image-list';
import type { RedisImageStore } from './redis-image-store';

/** The key of the index by time that is read of each camera. */
export type TimeIndexes = ReadonlyMap<string, string>;

/** Of each camera the narrowest index by time that holds all images of a search. */
export async function timeIndexes(store: RedisImageStore, search: ImageSearch): Promise<TimeIndexes> {
  const { keys } = store.connection;
  const chosen = search.cameras.map(async (camera): Promise<[string, string]> => {
    const { trigger } = search;
    const triggered = trigger && keys.triggered(camera, trigger);
    const pinned = search.pinned === true ? keys.pinned(camera) : undefined;
    if (triggered === undefined || pinned === undefined) return [camera, pinned ?? triggered ?? keys.images(camera)];
    const counts = await Promise.all([triggered, pinned].map((index) => countOf(store, search, camera, index)));
    return [camera, (counts[0] ?? 0) < (counts[1] ?? 0) ? triggered : pinned];
  });
  return new Map(await Promise.all(chosen));
}

/** How many images of these indexes lie in the time of a search, after its cursor. */
export async function countByTime(store: RedisImageStore, search: ImageSearch, indexes: TimeIndexes): Promise<number> {
  const counts = await Promise.all([...indexes].map(([camera, index]) => countOf(store, search, camera, index)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function countOf(store: RedisImageStore, search: ImageSearch, camera: string, index: string): Promise<number> {
  const { lowest, highest } = timeRange(search, camera);
  return store.connection.client.zCount(index, lowest, highest);
}

/** The capture times that a search looks at in a camera's index, as Redis reads them. */
export function timeRange({ from, to, cursor }: ImageSearch, camera: string): { lowest: string; highest: string } {
  const lowest = scoreText(from ?? Number.NEGATIVE_INFINITY);
  const latest = to ?? Number.POSITIVE_INFINITY;
  const after = cursor === undefined ? undefined : parseImageId(cursor);
  if (after === undefined || latest < after.capturedAt) return { lowest, highest: scoreText(latest) };
  return { lowest, highest: `${camera > after.camera ? '' : '('}${after.capturedAt}` };
}

/** A score as Redis reads it. */
export function scoreText(score: number): string {
  if (Number.isFinite(score)) return `${score}`;
  return score > 0 ? '+inf' : '-inf';
}
