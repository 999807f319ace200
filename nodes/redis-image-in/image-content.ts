import { type ImageMessage, toImageMessage } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import { NodeError } from '../node-error';

/** What of an image goes into `msg.payload`. */
export const contentKinds = ['buffer', 'dataurl', 'thumbnail', 'metadata'] as const;
export type ContentKind = (typeof contentKinds)[number];

export interface ImageContent {
  image: ImageMessage;
  payload: Buffer | string | ImageMessage;
}

/**
 * Reads an image, or only what is wanted of it. Throws a NodeError `not_found` if it is gone or has no thumbnail,
 * and a LuxcamError `store_unavailable` if Redis is away.
 */
export async function readContent(store: RedisImageStore, id: string, kind: ContentKind): Promise<ImageContent> {
  if (kind === 'metadata') {
    const image = await store.describe(id);
    if (image === null) throw gone(id);
    return { image: toImageMessage(image), payload: toImageMessage(image) };
  }
  if (kind === 'thumbnail') {
    const found = await store.thumbnail(id);
    if (found === null) throw gone(id);
    if (found.thumbnail === null) throw new NodeError('not_found', `The image ${id} has no thumbnail.`);
    return { image: toImageMessage(found.image), payload: found.thumbnail };
  }
  const found = await store.get(id);
  if (found === null) throw gone(id);
  const image = toImageMessage(found.image);
  const { bytes } = found;
  return { image, payload: kind === 'buffer' ? bytes : `data:${image.mime_type};base64,${bytes.toString('base64')}` };
}

function gone(id: string): NodeError {
  return new NodeError('not_found', `There is no image ${id}: it has expired, was deleted, or never was.`);
}
