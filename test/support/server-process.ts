import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The full path of a system program. Throws an error that says what to install if it is absent. */
export function systemProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  const found = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error(`these tests need ${name}: install it with 'sudo apt-get install ${debianPackage}'`);
  return found;
}

/** A child process that the tests start, wait for until it prints that it is ready, and stop by its id. */
export class ServerProcess {
  readonly child: ChildProcess;
  /** All that it has printed so far. */
  output = '';

  constructor(command: string, args: string[], environment: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
    // Each piece of output that a test waits for adds listeners.
    this.child.setMaxListeners(0);
    const keep = (chunk: Buffer) => {
      this.output += chunk.toString();
      this.child.emit('luxcam-output');
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  /** Resolves once the output, after its first `since` characters, matches; rejects with it if the process ends before. */
  async printed(pattern: RegExp, since = 0): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.output.slice(since).match(pattern);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`${this.child.spawnfile} ended before it printed ${pattern}:\n${this.output}`);
      await Promise.race([once(this.child, 'luxcam-output'), once(this.child, 'exit')]);
    }
  }

  /** Waits until the process ends by itself. Rejects with its output if it ends with another status than 0. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    if (this.child.exitCode !== 0) throw new Error(`${this.child.spawnfile} has failed:\n${this.output}`);
  }

  /** Ends the process and waits until it is gone. Returns its exit code, or null if a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return this.child.exitCode;
  }
}
