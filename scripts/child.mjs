// Child processes of `npm start`: each in a process group of its own, so that the terminal's Ctrl-C reaches only us
// and they can be stopped in order.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import net from 'node:net';

/** How long a child may take to end by itself before it is killed, in milliseconds. */
const patience = 15_000;

/** One running program, with its output in a log file. */
export class Child {
  /** The latest output, as far as it is kept: some thousand characters. */
  output = '';
  onUnexpectedEnd = () => {};

  constructor(name, command, args, environment, logFile) {
    this.name = name;
    const log = createWriteStream(logFile);
    this.process = spawn(command, args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on('data', (chunk) => {
        log.write(chunk);
        this.output = (this.output + chunk).slice(-8000);
      });
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => {
        this.output += error.message;
        resolve();
      });
      this.process.on('exit', resolve);
    });
    this.ended.then(() => this.onUnexpectedEnd());
  }

  lastWords() {
    return this.output.trim().split('\n').slice(-12).join('\n');
  }

  /** Asks it to end, insists after a while, and resolves when it is gone. */
  async stop() {
    if (this.process.pid === undefined || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    // Its whole group: a child of a child must not stay behind either.
    const insist = setTimeout(() => process.kill(-this.process.pid, 'SIGKILL'), patience);
    await this.ended;
    clearTimeout(insist);
  }
}

/** A TCP port on loopback that nobody listens on. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether nobody listens on a port of an address of this machine. */
export function isFree(host, port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Resolves to true as soon as something answers on a loopback port; rejects if nothing does. */
export function reachable(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', reject);
  });
}
