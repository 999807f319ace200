import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express from 'express';
import type { Gallery } from './gallery';
import { LiveCameras } from './live-cameras';
import { LiveFeed } from './live-feed';
import { galleryRouter } from './router';

export interface GalleryServerSettings {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Where the gallery is mounted, `/` or `/luxcam`. */
  path: string;
  /** What visitors must know; null: nothing, which is only right where {@link isLoopback} says so of the host. */
  credentials: { user: string; password: string } | null;
}

/** The gallery on a web server of its own, without Node-RED. */
export class GalleryServer {
  private readonly gallery: Gallery;
  private readonly settings: GalleryServerSettings;
  private server: Server | undefined;

  constructor(gallery: Gallery, settings: GalleryServerSettings) {
    this.gallery = gallery;
    this.settings = settings;
  }

  /** Listens, and returns the gallery's address. Throws an error of Node's if it can't listen there. */
  async start(): Promise<string> {
    const { host, port, path } = this.settings;
    // Straight on node:http: an Express app around the router would only slow each image down.
    const router = express.Router();
    router.use(
      path,
      galleryRouter(() => this.gallery),
    );
    const server = createServer((request, response) => {
      if (!this.admits(request)) return this.refuse(response);
      // Express' types want its own request and response, of which a router uses nothing that node:http has not.
      Reflect.apply(router, undefined, [request, response, () => answer(response, 404, `Look at ${path}`)]);
    });
    this.server = server.listen(port, host);
    await once(server, 'listening');
    const address = server.address();
    const open = typeof address === 'object' && address !== null ? address.port : port;
    const name = host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${open}${path.endsWith('/') ? path : `${path}/`}`;
  }

  /** Ends all connections, live ones too. */
  async stop(): Promise<void> {
    LiveFeed.of(this.gallery).stop();
    LiveCameras.of(this.gallery).stop();
    if (this.server === undefined) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private admits({ headers }: IncomingMessage): boolean {
    const { credentials } = this.settings;
    // A name of somebody else's that leads to this machine lets his page read what is served here (DNS rebinding).
    if (credentials === null) return isLoopback((headers.host ?? '').replace(/:\d*$/, ''));
    const [scheme = '', text = ''] = (headers.authorization ?? '').split(' ');
    const given = scheme.toLowerCase() === 'basic' ? Buffer.from(text, 'base64').toString() : '';
    return timingSafeEqual(digest(given), digest(`${credentials.user}:${credentials.password}`));
  }

  private refuse(response: ServerResponse): void {
    if (this.settings.credentials === null)
      answer(response, 403, 'This gallery has no password, so it answers only to the name localhost.');
    else {
      // RFC 7617: without the charset browsers may send other than UTF-8.
      response.setHeader('WWW-Authenticate', 'Basic realm="luxcam", charset="UTF-8"');
      answer(response, 401, 'This gallery asks for a user and a password.');
    }
  }
}

/** Whether only this machine itself can reach a server that listens on this host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
