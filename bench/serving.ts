import type { Server } from 'node:http';
import path from 'node:path';
import { ServerProcess } from '../test/support/server-process';

/** Tells the process that started this one on which port its server listens. */
export function announcePort(server: Server): void {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  console.log(`listening on ${address.port}`);
}

/** Starts a server of this folder in a process of its own. Returns it and its port. */
export async function startServer(file: string, environment: Record<string, string>) {
  const process_ = new ServerProcess(process.execPath, ['--require', 'tsx/cjs', path.join(__dirname, file)], {
    ...process.env,
    ...environment,
  });
  const [, port] = await process_.printed(/listening on (\d+)/);
  return { port: Number(port), stop: () => process_.stop() };
}
