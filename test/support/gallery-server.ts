import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import express from 'express';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import type { Gallery } from '../../gallery/gallery';
import { LiveCameras } from '../../gallery/live-cameras';
import { LiveFeed } from '../../gallery/live-feed';
import { galleryRouter } from '../../gallery/router';
import type { TestRedis } from './redis-server';

// Node-RED brings the Express that will host the router.
const express4: typeof express = createRequire(require.resolve('node-red'))('express');

/** The gallery's router over real HTTP, below `/red/luxcam` of an Express app as Node-RED has one. */
export class GalleryServer {
  /** What is served; undefined as while a flow is being deployed. */
  gallery: Gallery | undefined;
  /** Where the gallery is mounted, with a slash at its end. */
  url = '';
  port = 0;
  store: RedisImageStore;
  readonly connection: RedisConnection;
  private server: Server | undefined;

  constructor(redis: TestRedis) {
    this.connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    this.store = new RedisImageStore({ connection: this.connection, ownsCameras: true });
  }

  async start(host: 'express 4' | 'express 5' = 'express 4'): Promise<this> {
    this.connection.start();
    await this.connection.ready();
    const app = host === 'express 4' ? express4() : express();
    // As Node-RED does with its editor at `/`.
    app.use((_request, response, next) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      next();
    });
    app.use(
      '/red/luxcam',
      galleryRouter(() => this.gallery),
    );
    this.server = createServer(app).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.port = address.port;
    this.url = `http://127.0.0.1:${address.port}/red/luxcam/`;
    return this;
  }

  /** Empties Redis, and serves a new gallery in which nothing is allowed. */
  async renew(given: Partial<Gallery> = {}): Promise<void> {
    await this.connection.client.flushAll();
    this.endStreams();
    this.store = new RedisImageStore({ connection: this.connection, ownsCameras: true });
    const permissions = { capture: false, pin: false, delete: false };
    this.gallery = { store: this.store, permissions, control: null, ...given };
  }

  /** Resolves as soon as a page follows what happens: from then on nothing has to be found by looking anew. */
  async followed(): Promise<void> {
    const clients = () => this.connection.client.sendCommand(['CLIENT', 'LIST']);
    while (!`${await clients()}`.includes('cmd=xread')) await new Promise(setImmediate);
  }

  /** Ends the event streams and live pictures of the gallery that is served. */
  endStreams(): void {
    if (this.gallery === undefined) return;
    LiveFeed.of(this.gallery).stop();
    LiveCameras.of(this.gallery).stop();
  }

  async stop(): Promise<void> {
    this.endStreams();
    this.server?.closeAllConnections();
    this.server?.close();
    await this.connection.stop();
  }
}
