import { imageIdPattern, parseImageId } from './image';
import type { ImageSearch } from './image-list';

/** The latest time that a date can have in JavaScript, in unix milliseconds. */
export const latestTime = 8.64e15;

/** An image's id and what it tells. */
export interface Place {
  id: string;
  camera: string;
  /** Unix milliseconds. */
  capturedAt: number;
}

/** Ids of images in the order of a list. */
export interface IdSource {
  /** The next ids; fewer than `count` only where there are no more. */
  next(count: number): Promise<string[]>;
}

/** Reads the ids of an index, and passes over what others may have put there. */
export function readPlaces(ids: readonly string[]): Place[] {
  const places: Place[] = [];
  // Without a schema, which would take three times as long for tens of thousands of ids.
  for (const id of ids) {
    const [, camera, capturedAt] = imageIdPattern.exec(id) ?? [];
    if (camera !== undefined) places.push({ id, camera, capturedAt: Number(capturedAt) });
  }
  return places;
}

/** The order of a list: by time from the newest, and by name within a millisecond. */
export function newestFirst(a: Place, b: Place): number {
  if (a.capturedAt !== b.capturedAt) return b.capturedAt - a.capturedAt;
  if (a.camera === b.camera) return 0;
  return a.camera < b.camera ? -1 : 1;
}

/** The capture times that a search looks at, after its cursor, in unix milliseconds. */
export function spanOf({ from, to, cursor }: ImageSearch): { from: number; to: number } {
  const after = cursor === undefined ? Number.POSITIVE_INFINITY : parseImageId(cursor).capturedAt;
  return { from: from ?? Number.NEGATIVE_INFINITY, to: Math.min(to ?? Number.POSITIVE_INFINITY, after) };
}

/** Tells of places whether they lie in the time of a search, and after its cursor. */
export function followsIn({ from, to, cursor }: ImageSearch): (place: Place) => boolean {
  const lowest = from ?? Number.NEGATIVE_INFINITY;
  const highest = to ?? Number.POSITIVE_INFINITY;
  const after = cursor === undefined ? undefined : { id: cursor, ...parseImageId(cursor) };
  return (place) =>
    place.capturedAt >= lowest && place.capturedAt <= highest && (after === undefined || newestFirst(after, place) < 0);
}
