import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';
import { newImage } from '../test/support/new-image';
import { alternate } from './alternate';
import type { Order } from './load';
import { startServer } from './serving';
import { connectStore } from './store';
import type { Comparison } from './table';

/** A 100 KB image from the gallery over eight connections, against node:http with a constant Buffer. */
export async function benchHttp(redisUrl: string): Promise<Comparison[]> {
  const prefix = 'http:';
  const size = 100_000;
  const store = await connectStore(redisUrl, prefix);
  const { id, key } = await store.put(newImage({ bytes: randomBytes(size), thumbnail: randomBytes(12_000), lux: 268 }));
  const environment = { REDIS_URL: redisUrl, PREFIX: prefix, SIZE: `${size}` };
  const gallery = await startServer('gallery-server.ts', environment);
  const plain = await startServer('plain-server.ts', environment);
  const load = new LoadProcess();

  const [ours = [], hget = [], constant = []] = await alternate({ warmUp: 3, rounds: 15 }, [
    () => load.ask(gallery.port, `/images/${id}`),
    () => load.ask(plain.port, `/hget?${key}`),
    () => load.ask(plain.port, '/constant'),
  ]);
  load.stop();
  await Promise.all([gallery.stop(), plain.stop(), store.connection.stop()]);
  const unit = 'requests/s';
  return [
    {
      name: '100 KB image over HTTP, 8 connections',
      ours,
      against: 'node:http, a constant Buffer',
      theirs: constant,
      unit,
      goal: { atLeast: 0.5 },
    },
    { name: '  the same', ours, against: 'node:http with a plain HGET', theirs: hget, unit },
    {
      name: '  the limit: node:http with a plain HGET',
      ours: hget,
      against: 'node:http, a constant Buffer',
      theirs: constant,
      unit,
    },
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
