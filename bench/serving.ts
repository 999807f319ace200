import { once } from 'node:events';
import type { Server } from 'node:http';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../core/messages';
import { ServerProcess } from '../test/support/server-process';

/** Lets servers listen on free loopback ports, and tells those to the process that started this one. */
export async function announcePorts(servers: readonly Server[]): Promise<void> {
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    ports.push(address.port);
  }
  console.log(`listening on ${JSON.stringify(ports)}`);
}

/** Starts servers of this folder in a process of their own. Returns it and their ports. */
export async function startServers(file: string, environment: Record<string, string>) {
  const started = new ServerProcess(process.execPath, ['--require', 'tsx/cjs', path.join(__dirname, file)], {
    ...process.env,
    ...environment,
  });
  const [, ports = ''] = await started.printed(/listening on (.*\])/);
  return { ports: parseJson(z.array(z.number()), ports), stop: () => started.stop() };
}
