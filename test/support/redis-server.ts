import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { ServerProcess, systemProgram } from './server-process';

/** A real redis-server for one test file, on a free loopback port. */
export class TestRedis {
  url = '';
  port = 0;
  /** Its unix socket. */
  socket = '';
  private folder = '';
  private arguments: string[] = [];
  private server: ServerProcess | undefined;

  /** Starts it; `options` are redis-server's own, for example `['--requirepass', 'secret']`. */
  async start(options: string[] = []): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-redis-'));
    this.port = await freePort();
    this.url = `redis://127.0.0.1:${this.port}`;
    this.socket = path.join(this.folder, 'redis.sock');
    const place = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--unixsocket', this.socket];
    this.arguments = [...place, '--save', '', ...options];
    await this.resume();
    return this;
  }

  /** Starts it again, on the same port and folder, after a `kill`. */
  async resume(): Promise<void> {
    this.server = new ServerProcess(systemProgram('redis-server', 'redis-server'), this.arguments);
    await this.server.printed(/Ready to accept connections|ready to accept connections/);
  }

  /** Takes it away, as a crash does, and keeps its folder. */
  async kill(): Promise<void> {
    await this.server?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
