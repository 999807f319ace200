import type { Request, Response } from 'express';
import { parseImageId, type StoredImage } from '../core/image';
import { LuxcamError } from '../core/luxcam-error';
import type { RedisImageStore } from '../core/redis-image-store';
import { type ImageBytes, RecentImages } from './recent-images';

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
 * already. Throws a LuxcamError: `not_found` if the image is gone, or `store_unavailable`.
 */
export async function sendImage(
  store: RedisImageStore,
  id: string,
  request: Request,
  response: Response,
  { part, caching }: ImagePart,
): Promise<void> {
  const recent = RecentImages.of(store);
  const name = `${part} ${id}`;
  const kept = recent.find(name);
  const known = request.headers['if-none-match'];
  // Asked for alone where the bytes are at hand or may not be needed. All other images take this one round trip less.
  const image = kept === undefined && known === undefined ? null : await store.describe(id);
  if (image !== null && isKnown(known, entityTag(image))) {
    const headers = { ETag: entityTag(image), 'Cache-Control': cacheControl(store, image, caching) };
    response.writeHead(304, headers).end();
  } else if (image !== null && kept?.sha256 === image.sha256) {
    sendBytes(image, kept);
  } else {
    const found = part === 'thumbnail' ? await thumbnailOrImage(store, id) : await wholeImage(store, id);
    if (found === null) throw gone(id);
    recent.keep(name, found.content);
    sendBytes(found.image, found.content);
  }

  function sendBytes(image: StoredImage, { mimeType, bytes }: ImageBytes): void {
    const shown = isPicture(mimeType);
    const headers: Record<string, string | number> = {
      'Content-Type': shown ? mimeType : 'application/octet-stream',
      'Content-Length': bytes.length,
      'Cache-Control': cacheControl(store, image, caching),
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': sandbox,
    };
    const tag = entityTag(image);
    if (tag !== '') headers.ETag = tag;
    if (!shown || new URLSearchParams(request.url.split('?')[1]).has('download'))
      headers['Content-Disposition'] = `attachment; filename="${fileName(image.id, mimeType)}"`;
    response.writeHead(200, headers).end(bytes);
  }
}

/** Whether a type is one that a browser may be told: it shows a picture and runs nothing. */
export function isPicture(mimeType: string): boolean {
  return pictureTypes.has(mimeType);
}

/** The error for an image that is not (any more) in the store. */
export function gone(id: string): LuxcamError {
  return new LuxcamError('not_found', `There is no image ${id}: it has expired or was deleted`);
}

/** An image, and the bytes of the part of it that was asked for. */
type Found = { image: StoredImage; content: ImageBytes } | null;

async function wholeImage(store: RedisImageStore, id: string): Promise<Found> {
  const found = await store.get(id);
  if (found === null) return null;
  const { image, bytes } = found;
  return { image, content: { sha256: image.sha256, mimeType: image.mimeType, bytes } };
}

/** An image's thumbnail, or the image itself if none was made; null if it is gone. */
export async function thumbnailOrImage(store: RedisImageStore, id: string): Promise<Found> {
  const found = await store.thumbnail(id);
  if (found === null || found.thumbnail === null) return wholeImage(store, id);
  const { image, thumbnail } = found;
  return { image, content: { sha256: image.sha256, mimeType: 'image/jpeg', bytes: thumbnail } };
}

/** Empty if what stands in Redis is no SHA-256: it may not even be fit for a header. */
function entityTag(image: StoredImage): string {
  return /^[0-9a-f]{64}$/.test(image.sha256) ? `"${image.sha256}"` : '';
}

function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined || tag === '') return false;
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

function cacheControl(store: RedisImageStore, image: StoredImage, caching: ImagePart['caching']): string {
  if (caching === 'ask') return 'private, no-cache';
  const now = Date.now() + store.connection.clockOffset;
  const left = image.expiresAt === null ? longestAge : Math.floor((image.expiresAt - now) / 1000);
  return `private, max-age=${Math.max(0, Math.min(left, longestAge))}`;
}

/** Such as `front-2026-06-09T10-13-20.123Z.jpg`: some systems allow no colon in a name. */
function fileName(id: string, mimeType: string): string {
  const { camera, capturedAt } = parseImageId(id);
  const time = new Date(capturedAt).toISOString().replaceAll(':', '-');
  return `${camera}-${time}.${pictureTypes.get(mimeType) ?? 'bin'}`;
}
