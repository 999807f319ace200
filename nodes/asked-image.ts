import { imageIdSchema } from '../core/image';
import { readValue } from './node-error';

/**
 * The id that a part of a message names: itself, or the `id` of an announcement or of the metadata of an image.
 * Throws a NodeError `invalid_request` that calls the part by `name`.
 */
export function askedImage(part: unknown, name: string): string {
  const id = typeof part === 'object' && part !== null && 'id' in part ? part.id : part;
  return readValue(imageIdSchema, id, name);
}
