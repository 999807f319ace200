// A process that serves the gallery of the Redis at REDIS_URL twice, each on a free port: in an Express app, as
// Node-RED does, and straight from node:http.
import { createServer } from 'node:http';
import express from 'express';
import { z } from 'zod';
import { galleryRouter } from '../gallery/router';
import { announcePorts } from './serving';
import { connectStore } from './store';

async function main(): Promise<void> {
  const environment = z.object({ REDIS_URL: z.string(), PREFIX: z.string() }).parse(process.env);
  const store = await connectStore(environment.REDIS_URL, environment.PREFIX);
  const gallery = { store, permissions: { capture: false, pin: false, delete: false }, control: null };
  const router = galleryRouter(() => gallery);
  const app = express().disable('x-powered-by').use(router);
  const straight = createServer((request, response) => {
    // Express' types want its own request and response, of which the router uses nothing that node:http has not.
    Reflect.apply(router, undefined, [request, response, () => response.destroy()]);
  });
  await announcePorts([createServer(app), straight]);
}

void main();
