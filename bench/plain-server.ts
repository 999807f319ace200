// A process that serves without luxcam, each on a free port: a Buffer of SIZE bytes from memory, the same in an Express
// app, and the field image_data of KEY in the Redis at REDIS_URL.
import { createServer, type ServerResponse } from 'node:http';
import express from 'express';
import { createClient, RESP_TYPES } from 'redis';
import { z } from 'zod';
import { announcePorts } from './serving';

async function main(): Promise<void> {
  const { REDIS_URL, KEY, SIZE } = z
    .object({ REDIS_URL: z.string(), KEY: z.string(), SIZE: z.coerce.number() })
    .parse(process.env);
  const constant = Buffer.alloc(SIZE, 1);
  const client = await createClient({ url: REDIS_URL, maintNotifications: 'disabled' }).connect();
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const app = express().disable('x-powered-by');
  app.get('/images/:id', (_request, response) => send(response, constant));
  await announcePorts([
    createServer((_request, response) => send(response, constant)),
    createServer(app),
    createServer(async (_request, response) =>
      send(response, (await binary.hGet(KEY, 'image_data')) ?? Buffer.alloc(0)),
    ),
  ]);
}

function send(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': bytes.length }).end(bytes);
}

void main();
