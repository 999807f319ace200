// A process that serves the gallery of the Redis at REDIS_URL on a free port, as `luxcam gallery` does.
import { once } from 'node:events';
import express from 'express';
import { z } from 'zod';
import { galleryRouter } from '../gallery/router';
import { announcePort } from './serving';
import { connectStore } from './store';

async function main(): Promise<void> {
  const store = await connectStore(z.string().parse(process.env.REDIS_URL), z.string().parse(process.env.PREFIX));
  const gallery = { store, permissions: { capture: false, pin: false, delete: false }, control: null };
  const app = express();
  app.disable('x-powered-by');
  app.use(galleryRouter(() => gallery));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  announcePort(server);
}

void main();
