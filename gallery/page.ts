import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { type Router } from 'express';
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
  router.use(
    express.static(folder, {
      redirect: false,
      setHeaders(response, file) {
        // The names in assets/ hold a hash of their content.
        const hashed = path.basename(path.dirname(file)) === 'assets';
        response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
        response.setHeader('Content-Security-Policy', contentSecurityPolicy);
        response.setHeader('X-Content-Type-Options', 'nosniff');
        response.setHeader('Referrer-Policy', 'no-referrer');
      },
    }),
  );
  router.get('/', () => {
    throw new LuxcamError('not_found', "The gallery's page has not been built yet: run 'npm run build'");
  });
  return router;
}

/** Where the build leaves the page: the same folder whether this runs from its source or from dist/. */
export function builtPage(): string {
  const roots = [path.resolve(__dirname, '..'), path.resolve(__dirname, '../..')];
  const root = roots.find((folder) => existsSync(path.join(folder, 'package.json'))) ?? __dirname;
  return path.join(root, 'dist', 'gallery', 'page');
}
