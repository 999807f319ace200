import type { Request, Response } from 'express';
import { parseImageId, type StoredImage } from '../core/image';
import { LuxcamError } from '../core/luxcam-error';
import type { RedisImageStore } from '../core/redis-image-store';

/** The types that browsers show as pictures, with the ending of their files. All others are only downloaded. */
const pictureTypes = new Map([
  ['image/jpeg', 'jpg'],
  ['image/png', 'png'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['image/avif', 'avif'],
]);

/** How long a browser may show an image without asking whether it is still there, in seconds, at the most. */
const longestAge = 300;

// Somebody may have stored a page or a drawing with a script: it runs nowhere, and reads nothing.
const sandbox = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** Which part of an image to send, and whether the browser may use it again without asking. */
export interface ImagePart {
  part: 'image' | 'thumbnail';
  caching: 'short' | 'ask';
}

/**
 * Sends an image or its thumbnail: the image itself if no thumbnail was made. Answers 304 if the browser has it
 * already. Throws a LuxcamError `not_found` if the image is gone.
 */
export async function sendImage(
  store: RedisImageStore,
  id: string,
  request: Request,
  response: Response,
  { part, caching }: ImagePart,
): Promise<void> {
  const known = request.headers['if-none-match'];
  if (known !== undefined) {
    const image = await store.describe(id);
    if (image !== null && isKnown(known, entityTag(image))) {
      response.writeHead(304, { ETag: entityTag(image), 'Cache-Control': cacheControl(store, image, caching) }).end();
      return;
    }
  }
  const found = part === 'thumbnail' ? await thumbnail(store, id) : await store.get(id);
  if (found === null) throw gone(id);
  const { image, bytes } = found;
  const isPicture = pictureTypes.has(image.mimeType);
  const headers: Record<string, string | number> = {
    'Content-Type': isPicture ? image.mimeType : 'application/octet-stream',
    'Content-Length': bytes.length,
    'Cache-Control': cacheControl(store, image, caching),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': sandbox,
  };
  const tag = entityTag(image);
  if (tag !== '') headers.ETag = tag;
  if (!isPicture || new URLSearchParams(request.url.split('?')[1]).has('download'))
    headers['Content-Disposition'] = `attachment; filename="${fileName(image)}"`;
  response.writeHead(200, headers).end(bytes);
}

/** The error for an image that is not (any more) in the store. */
export function gone(id: string): LuxcamError {
  return new LuxcamError('not_found', `There is no image ${id}: it has expired or was deleted`);
}

async function thumbnail(store: RedisImageStore, id: string): Promise<{ image: StoredImage; bytes: Buffer } | null> {
  const found = await store.thumbnail(id);
  if (found === null) return null;
  if (found.thumbnail === null) return store.get(id);
  return { image: { ...found.image, mimeType: 'image/jpeg' }, bytes: found.thumbnail };
}

/** Empty if what stands in Redis is no SHA-256: it may not even be fit for a header. */
function entityTag(image: StoredImage): string {
  return /^[0-9a-f]{64}$/.test(image.sha256) ? `"${image.sha256}"` : '';
}

function isKnown(ifNoneMatch: string, tag: string): boolean {
  return tag !== '' && ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

function cacheControl(store: RedisImageStore, image: StoredImage, caching: ImagePart['caching']): string {
  if (caching === 'ask') return 'private, no-cache';
  const now = Date.now() + store.connection.clockOffset;
  const left = image.expiresAt === null ? longestAge : Math.floor((image.expiresAt - now) / 1000);
  return `private, max-age=${Math.max(0, Math.min(left, longestAge))}`;
}

/** Such as `front-2026-06-09T10-13-20.123Z.jpg`: some systems allow no colon in a name. */
function fileName(image: StoredImage): string {
  const { camera, capturedAt } = parseImageId(image.id);
  const time = new Date(capturedAt).toISOString().replaceAll(':', '-');
  return `${camera}-${time}.${pictureTypes.get(image.mimeType) ?? 'bin'}`;
}
