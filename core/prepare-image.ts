import { createHash } from 'node:crypto';
import type { NewImage } from './image';
import { readImage } from './image-format';
import { makeThumbnail } from './thumbnail';

/** What the bytes alone say of a new image. */
export type PreparedImage = Pick<NewImage, 'bytes' | 'mimeType' | 'width' | 'height' | 'sha256' | 'thumbnail'>;

/**
 * Gets an image's bytes ready to be stored: type, size in pixels as shown, SHA-256 and, if wanted, thumbnail.
 * Throws a LuxcamError `invalid_request` if they are no image, or a truncated or damaged one.
 */
export async function prepareImage(bytes: Buffer, { thumbnail = true } = {}): Promise<PreparedImage> {
  const format = readImage(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, ...format, sha256, thumbnail: thumbnail ? await makeThumbnail(bytes) : undefined };
}
