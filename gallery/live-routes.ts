import { once } from 'node:events';
import express, { type Request, type Response, type Router } from 'express';
import type { LiveFrame } from '../core/live-frame';
import { LuxcamError } from '../core/luxcam-error';
import type { Gallery } from './gallery';
import { LiveCameras } from './live-cameras';
import { readCameraName, readLiveQuery } from './requests';

/**
 * How long a frame may take to leave, in milliseconds, until its viewer is cut off: it may have gone without a word, and if
 * it has not, it would go on with all that the system's buffers hold for it, which nobody can bound or take back.
 */
const longestStall = 2000;

const boundary = 'luxcam-frame';

/** What live frames look like over HTTP (docs/http.md). `current` gives the gallery, or throws while there is none. */
export function liveRouter(current: () => Gallery): Router {
  const router = express.Router();
  router.get('/:camera.jpg', (request, response) => sendNext(current(), request, response));
  router.get('/:camera.mjpeg', (request, response) => sendStream(current(), request, response));
  return router;
}

/** A long poll: a page that asks for one frame after the other needs no stream, of which a browser has but six. */
async function sendNext(gallery: Gallery, request: Request, response: Response): Promise<void> {
  const camera = readCameraName(request.params.camera);
  const frame = await firstFrame(gallery, camera, readLiveQuery(request.url), leaving(response));
  if (frame === null) return;
  const tag = `"${frame.number}"`;
  const headers = { ...frameHeaders(frame), 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
  if (request.headers['if-none-match'] === tag) response.writeHead(304, { ETag: tag }).end();
  else response.writeHead(200, { ...headers, ETag: tag }).end(frame.jpeg);
}

/**
 * For viewers that know MJPEG: the next frame is written when the one before has left, so that one which is slow skips
 * frames, and no more than one ever waits for it here.
 */
async function sendStream(gallery: Gallery, request: Request, response: Response): Promise<void> {
  const camera = readCameraName(request.params.camera);
  const signal = leaving(response);
  let frame = await firstFrame(gallery, camera, readLiveQuery(request.url), signal);
  if (frame === null) return;
  response.writeHead(200, {
    'Content-Type': `multipart/x-mixed-replace; boundary=${boundary}`,
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
  });
  if (request.method === 'HEAD') return void response.end();
  response.write(`--${boundary}\r\n`);
  try {
    while (frame !== null) {
      const headers = Object.entries(frameHeaders(frame)).map(([name, value]) => `${name}: ${value}\r\n`);
      // The boundary right behind it: browsers show a frame only when they have seen that.
      const part = [Buffer.from(`${headers.join('')}\r\n`), frame.jpeg, Buffer.from(`\r\n--${boundary}\r\n`)];
      if (!response.write(Buffer.concat(part))) await drained(response, signal);
      frame = await LiveCameras.of(gallery).next(camera, frame.number, signal);
    }
  } catch (error) {
    // The viewer comes back, and is told why there are no more.
    if (signal.aborted || error instanceof LuxcamError) response.end();
    else throw error;
  }
}

/** Aborts when the visitor has left. */
function leaving(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  return left.signal;
}

/**
 * The first frame above `after`; null if the visitor has left. Throws a LuxcamError: `camera_timeout` if none comes for a
 * while, and as {@link LiveCameras.next} does.
 */
async function firstFrame(
  gallery: Gallery,
  camera: string,
  { after, wait }: { after: number; wait: number },
  left: AbortSignal,
): Promise<LiveFrame | null> {
  const timeout = AbortSignal.timeout(wait * 1000);
  try {
    return await LiveCameras.of(gallery).next(camera, after, AbortSignal.any([left, timeout]));
  } catch (error) {
    if (left.aborted) return null;
    if (!timeout.aborted) throw error;
    const { connection } = gallery.store;
    if (connection.state !== 'ready') throw connection.unavailable(`${camera} can not be looked at live`, error);
    const words = `${camera} has sent no live frame for ${wait} s: is its agent running, and the camera on?`;
    throw new LuxcamError('camera_timeout', words);
  }
}

/** Resolves when what was written has left; cuts a viewer off that does not take it in time. Rejects when the signal aborts. */
async function drained(response: Response, signal: AbortSignal): Promise<void> {
  const stall = setTimeout(() => response.destroy(), longestStall);
  try {
    await once(response, 'drain', { signal });
  } finally {
    clearTimeout(stall);
  }
}

function frameHeaders({ jpeg, number, first, capturedAt }: LiveFrame): Record<string, string | number> {
  return {
    'Content-Type': 'image/jpeg',
    'Content-Length': jpeg.length,
    'X-Frame-Number': number,
    'X-Frame-First': first,
    'X-Frame-Timestamp': capturedAt,
  };
}
