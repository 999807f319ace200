import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { ServerProcess, systemProgram } from './server-process';

/** A real mosquitto for one test file, on a free loopback port. */
export class TestMosquitto {
  url = '';
  port = 0;
  private folder = '';
  private server: ServerProcess | undefined;

  /** Starts it; `options` are lines of mosquitto.conf. */
  async start(options: string[] = ['allow_anonymous true']): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-mosquitto-'));
    this.port = await freePort();
    this.url = `mqtt://127.0.0.1:${this.port}`;
    const lines = [`listener ${this.port} 127.0.0.1`, 'persistence false', 'user root', ...options];
    await writeFile(path.join(this.folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
    await this.resume();
    return this;
  }

  /** Starts it again, on the same port, after a `kill`. */
  async resume(): Promise<void> {
    const configuration = path.join(this.folder, 'mosquitto.conf');
    this.server = new ServerProcess(systemProgram('mosquitto', 'mosquitto'), ['-v', '-c', configuration]);
    await this.server.printed(/mosquitto version .* running/);
  }

  /** Takes it away, as a crash does. */
  async kill(): Promise<void> {
    await this.server?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
