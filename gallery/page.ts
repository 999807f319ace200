import { existsSync, type Stats } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import express, { type RequestHandler, type Router } from 'express';
import { LuxcamError } from '../core/luxcam-error';

/** All that the page needs comes from here, and nothing else may run in it or send from it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** What the build compresses, with the type that each has as it is. */
const textTypes = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

/** The endings of the build's compressed files and their content codings, the smallest first. */
const codings = [
  { coding: 'br', ending: '.br' },
  { coding: 'gzip', ending: '.gz' },
];

/** The gallery's page and its files, as the build leaves them in a folder. */
export function pageRouter(folder: string): Router {
  const router = express.Router();
  router.get('/', (request, response, next) => {
    const [place = '', query] = request.originalUrl.split('?');
    if (place.endsWith('/')) return next();
    // Relative, because a proxy in front may have put us below a path that we don't know of.
    const name = place.slice(place.lastIndexOf('/') + 1);
    response.writeHead(302, { Location: `./${name}/${query === undefined ? '' : `?${query}`}` }).end();
  });
  const plain = express.static(folder, { redirect: false, setHeaders });
  router.use(serveCompressed(folder), plain);
  router.get('/', () => {
    throw new LuxcamError('not_found', "The gallery's page has not been built yet: run 'npm run build'");
  });
  return router;
}

/** Sends the compressed file beside the one that is asked for, where the browser takes it and the build has left one. */
function serveCompressed(folder: string): RequestHandler {
  const handlers = codings.map(({ coding, ending }) => {
    const files = express.static(folder, {
      index: false,
      redirect: false,
      setHeaders(response: ServerResponse, file, stat: Stats) {
        const name = file.slice(0, -ending.length);
        setHeaders(response, name);
        response.setHeader('Content-Type', textTypes.get(path.extname(name)) ?? 'application/octet-stream');
        response.setHeader('Content-Encoding', coding);
        // Express makes it of size and time, which two codings of a file may have in common.
        const version = `${stat.size.toString(16)}-${Math.trunc(stat.mtimeMs).toString(16)}`;
        response.setHeader('ETag', `W/"${version}-${coding}"`);
      },
    });
    return { coding, ending, files };
  });
  return (request, response, next) => {
    const handler = handlers.find(({ coding }) => isAccepted(coding, request.headers['accept-encoding']));
    if (handler === undefined) return next();
    const { url } = request;
    const [place = ''] = url.split('?');
    request.url = `${place.endsWith('/') ? `${place}index.html` : place}${handler.ending}`;
    handler.files(request, response, (error?: unknown) => {
      request.url = url;
      // What is answered instead, such as 416, is not compressed.
      response.removeHeader('Content-Encoding');
      next(error);
    });
  };
}

/** Whether an Accept-Encoding allows a coding. Read here, because the gallery alone runs in no app of Express. */
function isAccepted(coding: string, header = ''): boolean {
  const weights = new Map<string, number>();
  for (const entry of header.toLowerCase().split(',')) {
    const [name = '', weight] = entry.split(';').map((part) => part.trim());
    weights.set(name, weight === undefined ? 1 : Number(weight.replace(/^q\s*=\s*/, '')));
  }
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0;
}

function setHeaders(response: ServerResponse, file: string): void {
  // The names in assets/ hold a hash of their content.
  const hashed = path.basename(path.dirname(file)) === 'assets';
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.appendHeader('Vary', 'Accept-Encoding');
}

/** Where the build leaves the page: the same folder whether this runs from its source or from dist/. */
export function builtPage(): string {
  const roots = [path.resolve(__dirname, '..'), path.resolve(__dirname, '../..')];
  const root = roots.find((folder) => existsSync(path.join(folder, 'package.json'))) ?? __dirname;
  return path.join(root, 'dist', 'gallery', 'page');
}
