import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import { RedisImageStore } from '../../core/redis-image-store';
import { isPicture, thumbnailOrImage } from '../../gallery/send-image';
import { optionalField } from '../settings';
import { findStore } from '../store';

const questionSchema = z.object({ store: z.string(), camera: optionalField(cameraNameSchema) });

/**
 * Gives the editor the thumbnail of a store's newest image, of one camera or of all, and the image's id in a header; the
 * image itself where it has no thumbnail, and 204 where that is nothing a browser shows.
 * The status tells what keeps us from it: 400 no such camera name, 404 no image, 409 the store is not deployed,
 * 503 Redis is away.
 */
export function servePreview(RED: NodeAPI): void {
  RED.httpAdmin.get('/luxcam/preview', RED.auth.needsPermission('flows.read'), async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const question = questionSchema.safeParse(request.query);
    if (!question.success) return void response.sendStatus(400);
    const { store: id, camera } = question.data;
    const connection = findStore(RED, id)?.connection;
    if (connection == null) return void response.sendStatus(409);
    try {
      const newest = await newestImage(new RedisImageStore({ connection, ownsCameras: false }), camera);
      if (newest === null) return void response.sendStatus(404);
      const { mimeType, bytes } = newest.content;
      response.set({ 'X-Content-Type-Options': 'nosniff', 'X-Image-Id': newest.image.id });
      // Nothing stored here is ever taken for a page.
      if (isPicture(mimeType)) response.type(mimeType).send(bytes);
      else response.status(204).end();
    } catch {
      // The store itself tells in the log and in the status of its nodes what is wrong with Redis.
      response.sendStatus(503);
    }
  });
}

async function newestImage(store: RedisImageStore, camera: string | undefined) {
  const { images } = await store.list({ cameras: camera ? [camera] : undefined, limit: 1, total: false });
  return images[0] === undefined ? null : thumbnailOrImage(store, images[0].id);
}
