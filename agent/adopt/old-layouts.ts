import { imageIdSchema } from '../../core/image';

/** The programs whose images luxcam finds in Redis. */
export const layoutNames = ['redis-pi-camera', 'edge-video'] as const;
export type LayoutName = (typeof layoutNames)[number];

/** What the name of an older program's key tells. */
export interface OldKey {
  key: string;
  layout: LayoutName;
  /** The camera as that program names it; redis-pi-camera has only one, and no name for it. */
  cameraId: string;
  /** Whose camera it is, in edge-video's words its vhost. Empty where the key names none. */
  owner: string;
  /** Unix milliseconds. */
  capturedAt: number;
}

/** A camera of an older program. */
export interface FoundCamera {
  layout: LayoutName;
  /** As that program names it. */
  from: string;
  /** Its name in luxcam. */
  camera: string;
  /** How many images there are, and how many of them were copied by an earlier run. */
  images: number;
  known: number;
}

// redis-pi-camera: image:<unix seconds>.
const piCameraKey = /^image:(\d{1,11})$/;

// edge-video since 1.2: {vhost}:{prefix}:{camera}:{unix nanoseconds}:{sequence}, or 8 letters of a UUID instead of the
// sequence. It splits a key at its first colons, so vhost and prefix have none. Nineteen digits are nanoseconds from 2001
// to 2286.
const edgeVideoKey = /^([^:]*):[^:]*:(.+):(\d{19}):(?:\d{1,10}|[0-9a-f]{8})$/;

// Before: frames:{vhost}:{camera}:{RFC 3339}:{sequence}, and at first without vhost and sequence.
const olderEdgeVideoKey =
  /^frames:(?:([^:]*):)?(.+?):(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))(?::(?:\d{1,10}|[0-9a-f]{8}))?$/;

/**
 * Reads the name of a key of an older program; null if it is none. `ownPrefix` is the one before luxcam's own keys,
 * which are never taken for old ones.
 */
export function readOldKey(key: string, ownPrefix: string): OldKey | null {
  const ourImages = `${ownPrefix}image:`;
  if (key.startsWith(ourImages) && imageIdSchema.safeParse(key.slice(ourImages.length)).success) return null;
  const [, seconds] = piCameraKey.exec(key) ?? [];
  if (seconds !== undefined)
    return { key, layout: 'redis-pi-camera', owner: '', cameraId: '', capturedAt: Number(seconds) * 1000 };
  const layout = 'edge-video';
  const [, vhost = '', camera, nanoseconds] = edgeVideoKey.exec(key) ?? [];
  if (camera !== undefined && nanoseconds !== undefined)
    return { key, layout, owner: vhost, cameraId: camera, capturedAt: Number(nanoseconds.slice(0, -6)) };
  const [, owner = '', olderCamera, time] = olderEdgeVideoKey.exec(key) ?? [];
  const capturedAt = Date.parse(time ?? '');
  // Dates from before 1970 have no place in an id.
  if (olderCamera === undefined || !(capturedAt >= 0)) return null;
  return { key, layout, owner, cameraId: olderCamera, capturedAt };
}

/** A camera of an older program, as people are told of it. */
export function oldCamera({ layout, owner, cameraId }: OldKey): string {
  if (layout === 'redis-pi-camera') return layout;
  // One that is called as the other program must not be taken for its camera.
  return owner === '' && cameraId !== 'redis-pi-camera' ? cameraId : `${owner}/${cameraId}`;
}
