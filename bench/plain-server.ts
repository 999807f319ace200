// A process that serves without luxcam, on a free port: `/constant` a Buffer of SIZE bytes from memory,
// `/hget?<key>` the field image_data of a hash in the Redis at REDIS_URL, and nothing checked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createClient, RESP_TYPES } from 'redis';
import { z } from 'zod';
import { announcePort } from './serving';

async function main(): Promise<void> {
  const environment = z.object({ REDIS_URL: z.string(), SIZE: z.coerce.number() }).parse(process.env);
  const constant = Buffer.alloc(environment.SIZE, 1);
  const client = await createClient({ url: environment.REDIS_URL, maintNotifications: 'disabled' }).connect();
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const server = createServer(async (request, response) => {
    const [path, key = ''] = (request.url ?? '').split('?');
    const bytes = path === '/constant' ? constant : ((await binary.hGet(key, 'image_data')) ?? Buffer.alloc(0));
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': bytes.length }).end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  announcePort(server);
}

void main();
