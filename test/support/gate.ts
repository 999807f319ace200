import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port';

/** A way to a server on loopback. While it is closed that server is away for who takes this way, and for nobody else. */
export class TestGate {
  port = 0;
  private readonly target: number;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  constructor(target: number) {
    this.target = target;
  }

  /** Opens it, at the same port again after a `close`. */
  async open(): Promise<this> {
    if (this.port === 0) this.port = await freePort();
    this.server = createServer((guest) => {
      const host = connect(this.target, '127.0.0.1');
      this.join(guest, host);
      this.join(host, guest);
    });
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening');
    return this;
  }

  /** Closes it, and breaks off every connection through it. */
  async close(): Promise<void> {
    if (!this.server?.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}
