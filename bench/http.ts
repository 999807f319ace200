import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';
import { newImage } from '../test/support/new-image';
import { alternate } from './alternate';
import type { Order } from './load';
import { startServers } from './serving';
import { connectStore } from './store';
import type { Comparison } from './table';

/** A 100 KB image from the gallery over eight connections, against node:http with a constant Buffer. */
export async function benchHttp(redisUrl: string): Promise<Comparison[]> {
  const prefix = 'http:';
  const size = 100_000;
  const store = await connectStore(redisUrl, prefix);
  const { id, key } = await store.put(newImage({ bytes: randomBytes(size), thumbnail: randomBytes(12_000), lux: 268 }));
  const gallery = await startServers('gallery-server.ts', { REDIS_URL: redisUrl, PREFIX: prefix });
  const plain = await startServers('plain-server.ts', { REDIS_URL: redisUrl, KEY: key, SIZE: `${size}` });
  const load = new LoadProcess();

  const servers = [...gallery.ports, ...plain.ports].map((port) => () => load.ask(port, `/images/${id}`));
  const [app = [], straight = [], theirs = [], express = [], hget = []] = await alternate(
    { warmUp: 3, rounds: 31 },
    servers,
  ).finally(async () => {
    load.stop();
    await Promise.all([gallery.stop(), plain.stop(), store.connection.stop()]);
  });
  const common = { against: 'node:http, a constant Buffer', theirs, unit: 'requests/s' } as const;
  const goal = { atLeast: 0.5 };
  return [
    { ...common, name: '100 KB over HTTP: gallery on node:http', ours: straight, goal },
    { ...common, name: '100 KB over HTTP: gallery in Express', ours: app, goal },
    { ...common, name: '  limit: Express, a constant Buffer', ours: express },
    { ...common, name: '  limit: node:http with a plain HGET', ours: hget },
  ];
}

/** The load generator, in a process of its own. */
class LoadProcess {
  private readonly child = fork(path.join(__dirname, 'load.ts'), { execArgv: ['--require', 'tsx/cjs'] });

  /** Asks for an address so many times. Returns the requests a second. */
  async ask(port: number, address: string): Promise<number> {
    const order: Order = { port, path: address, connections: 8, requests: 1500 };
    const answered = new AbortController();
    const { signal } = answered;
    const ended = once(this.child, 'exit', { signal }).then(() => {
      throw new Error('the load generator has ended');
    });
    const answer = once(this.child, 'message', { signal });
    this.child.send(order);
    try {
      const [requestsPerSecond] = await Promise.race([answer, ended]);
      return z.number().parse(requestsPerSecond);
    } finally {
      answered.abort();
    }
  }

  stop(): void {
    this.child.disconnect();
  }
}
