import { RESP_TYPES } from 'redis';
import type { Meta, StoredImage } from './image';
import { decodeDescription, descriptionFields } from './image-hash';
import { LuxcamError } from './luxcam-error';
import { changedAnnouncement } from './messages';
import type { RedisImageStore } from './redis-image-store';
import { deleteScript, metaScript, pinScript } from './redis-scripts';

/** What may be added to an image's meta is small, because every list carries it. In bytes of JSON. */
export const largestMeta = 16 * 1024;

/** Deletes an image and tells the change feed; see {@link RedisImageStore.delete}. */
export async function deleteImage(store: RedisImageStore, id: string): Promise<StoredImage | null> {
  const image = await store.describe(id);
  if (image === null) return null;
  const { client, keys } = store.connection;
  const announcement = JSON.stringify(changedAnnouncement('deleted', image));
  const done = await client.eval(deleteScript, {
    keys: [image.key, keys.events(), keys.outbox(image.agent), ...keys.indexes(image.camera)],
    arguments: [id, announcement],
  });
  return done === 1 ? image : null;
}

/** Gives an image so many milliseconds to live for each second of its ttl; with 0 it stays for ever. */
export async function changeExpiry(
  store: RedisImageStore,
  id: string,
  event: 'pinned' | 'unpinned',
  perTtl: number,
): Promise<StoredImage | null> {
  const image = await store.describe(id);
  if (image === null) return null;
  const { client, keys, clockCorrection } = store.connection;
  const left = Math.round(image.ttl * perTtl);
  const expiresAt = left === 0 ? null : Date.now() + clockCorrection + left;
  const changed = { ...image, expiresAt };
  const announcement = JSON.stringify(changedAnnouncement(event, changed));
  const done = await client.eval(pinScript, {
    keys: [image.key, keys.pinned(image.camera), keys.events(), keys.outbox(image.agent)],
    arguments: [id, `${image.capturedAt}`, `${left}`, `${expiresAt ?? 0}`, announcement],
  });
  return done === 1 ? changed : null;
}

/** Adds to an image's meta; see {@link RedisImageStore.addMeta}. */
export async function addMeta(store: RedisImageStore, id: string, meta: Meta): Promise<StoredImage | null> {
  const { client, keys } = store.connection;
  const key = keys.image(id);
  // As bytes: what is no UTF-8 would come back as another text than it is, and never be found unchanged.
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  // Who comes too late, because another writer was faster, begins anew: each time one of them gets through.
  for (;;) {
    const values = await binary.hmGet(key, [...descriptionFields]);
    const image = decodeDescription(id, key, values);
    if (image === null) return null;
    const changed = { ...image, meta: { ...image.meta, ...meta } };
    const text = JSON.stringify(changed.meta);
    if (Buffer.byteLength(text) > largestMeta)
      throw new LuxcamError('invalid_request', `The meta of ${id} would be larger than 16 KB: keep less with it.`);
    const known = values[descriptionFields.indexOf('meta')] ?? '';
    const done = await client.eval(metaScript, { keys: [key], arguments: [known, text] });
    if (done === 1) return changed;
    if (done === -1) return null;
  }
}
