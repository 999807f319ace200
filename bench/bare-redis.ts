import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * Redis over a bare socket: it asks for one field and lets the bytes of the answer pass by without keeping them.
 * Nothing that a program in Node does can be faster.
 */
export class BareRedis {
  private readonly url: URL;
  private socket: Socket | undefined;

  constructor(url: string) {
    this.url = new URL(url);
  }

  async start(): Promise<this> {
    this.socket = connect(Number(this.url.port), this.url.hostname).setNoDelay(true);
    await once(this.socket, 'connect');
    return this;
  }

  /** Resolves when the last byte of a field of a known length has arrived. */
  async hGet(key: string, field: string, length: number): Promise<void> {
    const { socket } = this;
    if (socket === undefined) throw new Error('the bare connection was not started');
    // RESP: $<length>\r\n<bytes>\r\n
    let left = `$${length}\r\n\r\n`.length + length;
    const arrived = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        left -= chunk.length;
        if (left <= 0) resolve();
      });
    });
    socket.write(`*3\r\n$4\r\nHGET\r\n$${key.length}\r\n${key}\r\n$${field.length}\r\n${field}\r\n`);
    await arrived;
    socket.removeAllListeners('data').removeAllListeners('error');
  }

  stop(): void {
    this.socket?.destroy();
  }
}
