import type { StoredImage } from '../core/image';
import { type ImageMessage, toImageMessage } from '../core/messages';

/** An image as the HTTP API tells of it; the addresses are relative to where the gallery is mounted. */
export interface ImageJson extends ImageMessage {
  url: string;
  thumbnail_url: string;
}

/** The addresses of an image's bytes and of its thumbnail, relative to the mount. */
export function imageAddresses(id: string): { url: string; thumbnail_url: string } {
  return { url: `images/${id}`, thumbnail_url: `thumbnails/${id}` };
}

/** A stored image in the words of the HTTP API. */
export function imageJson(image: StoredImage): ImageJson {
  return { ...toImageMessage(image), ...imageAddresses(image.id) };
}
