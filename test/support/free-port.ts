import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Where ports are looked for: below those that a system gives to whoever wants any (from 32768 on Linux). One of these
 * could go to another test's client or server before it is used, or while the server that has it is away; and a client
 * that tries such a port again and again may be given the same one for itself, and is then connected to itself.
 */
const lowest = 10_000;
const count = 20_000;

/** Each process begins at another place, and none hands out a port twice: some are to stay without a server. */
let next = Math.floor(Math.random() * count);

/** A TCP port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + (next % count);
    next += 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
