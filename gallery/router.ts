import express, { type Request, type Response, type Router } from 'express';
import { countImagesByTime } from '../core/image-counts-by-time';
import { LuxcamError } from '../core/luxcam-error';
import { camerasJson } from './cameras-json';
import { askForCapture, checkMayChange, isJson } from './changes';
import { answerError, errorHandler } from './errors';
import { streamEvents } from './event-stream';
import type { Gallery, Permissions } from './gallery';
import { imageJson } from './image-json';
import { liveRouter } from './live-routes';
import { sendMetrics } from './metrics';
import { builtPage, pageRouter } from './page';
import { RecentStatistics } from './recent-statistics';
import { readCameraName, readCountsQuery, readImageId, readImageQuery, readStatisticsQuery } from './requests';
import { gone, sendImage } from './send-image';

type Handler = (gallery: Gallery, request: Request, response: Response) => Promise<void>;

/**
 * The gallery's page and HTTP API (docs/http.md), to be mounted by an Express 4 or 5 app. `lookup` gives the gallery to
 * serve from at the time of a request: undefined while there is none, because a flow is being deployed.
 */
export function galleryRouter(lookup: () => Gallery | undefined): Router {
  const router = express.Router();

  const current = () => {
    const gallery = lookup();
    if (gallery !== undefined) return gallery;
    throw new LuxcamError('store_unavailable', 'The gallery is being deployed: try again in a moment');
  };
  const serve = (handler: Handler) => (request: Request, response: Response) => handler(current(), request, response);
  const change = (doing: keyof Permissions, handler: Handler) =>
    serve(async (gallery, request, response) => {
      checkMayChange(gallery, doing, request);
      if (isJson(request)) await handler(gallery, request, response);
      else answerError(response, 415, 'invalid_request', 'Send this with the content-type application/json');
    });

  router.use((_request, response, next) => {
    // Node-RED lets every site read what its editor's app answers; these pictures are nobody else's.
    response.removeHeader('Access-Control-Allow-Origin');
    next();
  });

  router.get(
    '/images/:id',
    serve(({ store }, request, response) =>
      sendImage(store, readImageId(request.params.id), request, response, { part: 'image', caching: 'short' }),
    ),
  );
  router.get(
    '/thumbnails/:id',
    serve(({ store }, request, response) =>
      sendImage(store, readImageId(request.params.id), request, response, { part: 'thumbnail', caching: 'short' }),
    ),
  );
  router.get(
    '/cameras/:camera/latest.jpg',
    serve(async ({ store }, request, response) => {
      const camera = readCameraName(request.params.camera);
      const { images } = await store.list({ cameras: [camera], limit: 1, total: false });
      if (images[0] === undefined) throw new LuxcamError('not_found', `There is no image of the camera ${camera}`);
      await sendImage(store, images[0].id, request, response, { part: 'image', caching: 'ask' });
    }),
  );

  router.get(
    '/api/images',
    serve(async ({ store }, request, response) => {
      const { images, next, total } = await store.list(readImageQuery(request.url));
      answer(response, { images: images.map(imageJson), next, total });
    }),
  );
  router.get(
    '/api/images/:id',
    serve(async ({ store }, request, response) => {
      const id = readImageId(request.params.id);
      const image = await store.describe(id);
      if (image === null) throw gone(id);
      answer(response, imageJson(image));
    }),
  );
  router.get(
    '/api/cameras',
    serve(async (gallery, _request, response) => answer(response, await camerasJson(gallery))),
  );
  router.get(
    '/api/stats',
    serve(async ({ store }, request, response) =>
      answer(response, await RecentStatistics.of(store).ask(readStatisticsQuery(request.url))),
    ),
  );
  router.get(
    '/api/counts',
    serve(async ({ store }, request, response) => {
      const { filter, length } = readCountsQuery(request.url);
      const counts = await countImagesByTime(store, filter, length);
      answer(response, { counts: counts.map(({ start, images }) => [start, images]) });
    }),
  );
  router.get(
    '/api/events',
    serve((gallery, request, response) => streamEvents(gallery, request, response, lookup)),
  );

  router.use('/live', liveRouter(current));

  for (const name of ['pin', 'unpin'] as const)
    router.post(
      `/api/images/:id/${name}`,
      change('pin', async ({ store }, request, response) => {
        const id = readImageId(request.params.id);
        const image = await store[name](id);
        if (image === null) throw gone(id);
        answer(response, imageJson(image));
      }),
    );
  router.delete(
    '/api/images/:id',
    change('delete', async ({ store }, request, response) => {
      const id = readImageId(request.params.id);
      if ((await store.delete(id)) === null) throw gone(id);
      response.writeHead(204).end();
    }),
  );
  router.post(
    '/api/cameras/:camera/capture',
    change('capture', async (gallery, request, response) =>
      answer(response, { transaction: await askForCapture(gallery, readCameraName(request.params.camera)) }, 202),
    ),
  );

  router.get(
    '/health',
    serve(async ({ store }, _request, response) => {
      // Not PING: a node of a cluster that is down answers that, and refuses all else.
      await store.cameras();
      answer(response, { status: 'ok' });
    }),
  );

  router.get('/metrics', serve(sendMetrics));

  router.use((_request, _response, next) => {
    current();
    next();
  }, pageRouter(builtPage()));
  router.use((request, response) => {
    answerError(response, 404, 'not_found', `Nothing answers ${request.method} at this address`);
  });
  router.use(errorHandler(lookup));
  return router;
}

function answer(response: Response, data: unknown, status = 200): void {
  const body = JSON.stringify(data);
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
}
