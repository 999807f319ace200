// A process that asks a server on loopback for one address again and again, over several connections at once.
// It is sent orders by the process that forked it, answers each with the requests a second, and ends with it.
import { once } from 'node:events';
import { connect } from 'node:net';
import { z } from 'zod';

const orderSchema = z.object({
  port: z.number(),
  path: z.string(),
  connections: z.number().max(8),
  requests: z.number().max(10_000),
});
export type Order = z.infer<typeof orderSchema>;

/** No order takes longer than this, in milliseconds. */
const longest = 10_000;

async function run(order: Order): Promise<number> {
  const left = { requests: order.requests };
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order.port)));
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy(new Error(`the load took longer than ${longest} ms`));
  }, longest);
  const began = performance.now();
  await Promise.all(sockets.map((socket) => keepAsking(socket, order.path, left)));
  const seconds = (performance.now() - began) / 1000;
  clearTimeout(deadline);
  for (const socket of sockets) socket.destroy();
  return order.requests / seconds;
}

async function open(port: number) {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

/** Asks over one connection, one request after the other, until none is left. The bodies pass by. */
function keepAsking(socket: ReturnType<typeof connect>, path: string, left: { requests: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = '';
    let missing = 0;
    const ask = () => {
      if (left.requests === 0) return resolve();
      left.requests -= 1;
      head = '';
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server has closed the connection')));
    socket.on('data', (chunk) => {
      if (missing > 0) missing -= chunk.length;
      else {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`the server answers ${head.slice(0, 200)}`));
        missing = Number(/content-length: (\d+)/i.exec(head.slice(0, end))?.[1]) - (head.length - end - 4);
      }
      if (missing === 0) ask();
    });
    ask();
  });
}

process.on('message', (order) => {
  run(orderSchema.parse(order)).then(
    (requestsPerSecond) => process.send?.(requestsPerSecond),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
