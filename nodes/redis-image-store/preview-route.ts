import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import { RedisImageStore } from '../../core/redis-image-store';
import { optionalField } from '../settings';
import { findStore } from '../store';

const questionSchema = z.object({ store: z.string(), camera: optionalField(cameraNameSchema) });

/**
 * Gives the editor the thumbnail of a store's newest image, of one camera or of all, and the image's id in a header.
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
      const newest = await newestThumbnail(new RedisImageStore({ connection, ownsCameras: false }), camera);
      if (newest === null) return void response.sendStatus(404);
      // A thumbnail is a JPEG whatever its writer says: nothing stored here is ever taken for a page.
      response
        .set({ 'X-Content-Type-Options': 'nosniff', 'X-Image-Id': newest.id })
        .type('jpeg')
        .send(newest.thumbnail);
    } catch {
      // The store itself tells in the log and in the status of its nodes what is wrong with Redis.
      response.sendStatus(503);
    }
  });
}

async function newestThumbnail(store: RedisImageStore, camera: string | undefined) {
  const { images } = await store.list({ cameras: camera ? [camera] : undefined, limit: 1, total: false });
  const id = images[0]?.id;
  const thumbnail = id === undefined ? null : (await store.thumbnail(id))?.thumbnail;
  return id !== undefined && thumbnail ? { id, thumbnail } : null;
}
