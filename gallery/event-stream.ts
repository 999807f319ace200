import type { Request, Response } from 'express';
import type { Gallery } from './gallery';
import { LiveFeed, type LiveListener } from './live-feed';

/**
 * Keeps proxies from taking a quiet stream for a dead one, and tells the page so too: an event, because a browser keeps
 * comments to itself. The page takes two and a half of them without a word for a lost connection (app/live-events.ts).
 */
const heartbeatMilliseconds = 20_000;

/** Whoever reads so slowly that this many bytes wait is cut off: the browser comes back, and says what it saw last. */
const mostWaiting = 1024 * 1024;

/**
 * Tells a browser what happens, by server-sent events, until it goes away or the gallery is another one.
 * Throws a LuxcamError `store_unavailable` if Redis is away.
 */
export async function streamEvents(
  gallery: Gallery,
  request: Request,
  response: Response,
  lookup: () => Gallery | undefined,
): Promise<void> {
  const headers = {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, headers).end();
    return;
  }
  const closed = new Promise((resolve) => response.once('close', resolve));
  const write = (text: string) => {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > mostWaiting) response.destroy();
    else response.write(text);
  };
  const listener: LiveListener = {
    begin(id) {
      response.writeHead(200, headers);
      write(`retry: 2000\nid: ${id}\n\n`);
    },
    tell({ id, event, data }) {
      write(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
    },
    end: () => response.end(),
  };
  const since = request.headers['last-event-id'];
  const leave = await LiveFeed.of(gallery).follow(listener, typeof since === 'string' ? since : undefined);
  const heartbeat = setInterval(() => {
    if (lookup() === gallery) write('event: alive\ndata: {}\n\n');
    else response.end();
  }, heartbeatMilliseconds);
  if (!response.closed) await closed;
  clearInterval(heartbeat);
  leave();
}
