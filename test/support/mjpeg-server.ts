import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './free-port';

/** A camera that serves MJPEG over HTTP on a free loopback port. A test hands it each picture that it is to send. */
export class MjpegServer extends EventEmitter<{ viewer: []; gone: [] }> {
  port = 0;
  /** How many viewers have come so far. */
  viewers = 0;
  /** If set, requests without this `user:password` are refused. */
  credentials: string | undefined;
  private readonly watching = new Set<ServerResponse>();
  private server = createServer();

  get url(): string {
    return `http://127.0.0.1:${this.port}/stream.mjpg`;
  }

  /** Starts it, on the same port again after a `stop`. */
  async start(): Promise<this> {
    if (this.port === 0) this.port = await freePort();
    this.server = createServer((request, response) => this.serve(request, response)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** Sends a picture to everyone who watches, and waits for a viewer if there is none. */
  async send(jpeg: Buffer): Promise<void> {
    if (this.watching.size === 0) await once(this, 'viewer');
    for (const response of this.watching) {
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
      response.write(Buffer.concat([jpeg, Buffer.from('\r\n')]));
    }
  }

  /** Closes the streams of everyone who watches. */
  hangUp(): void {
    for (const response of this.watching) response.destroy();
    this.watching.clear();
  }

  async stop(): Promise<void> {
    this.hangUp();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const expected = `Basic ${Buffer.from(this.credentials ?? '').toString('base64')}`;
    if (this.credentials !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
    response.flushHeaders();
    this.watching.add(response);
    this.viewers += 1;
    this.emit('viewer');
    response.on('close', () => {
      this.watching.delete(response);
      this.emit('gone');
    });
  }
}
