import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { largestImage } from '../../core/image-format';

/** A program that runs with its output in pipes. Its standard input is not the program's but its guard's. */
export type RunningProgram = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * The shell becomes the program, and leaves a guard behind: a shell that reads from a pipe whose other end only this
 * process holds. It comes to the end of it when this process is gone, however it went, and then removes the folder ($1)
 * and kills the group, which is the program, whatever that has started, and the guard itself. Node.js closes the pipe
 * also when the program ($$) has ended; then the folder stays, for the next run.
 */
const guarded = `folder=$1; shift
exec 3<&0 </dev/null
{ read -r _ <&3; kill -0 $$ && rm -rf -- "$folder"; kill -KILL 0; } >/dev/null 2>&1 &
exec "$@" 3<&-`;

/**
 * Starts a program that doesn't outlive this process, not even one that is SIGKILLed: an orphan would hold the camera.
 * It has a process group of its own, so that Ctrl-C in a terminal reaches this process alone, which then finishes
 * the capture in flight. `folder` is removed too if this process dies. To be ended with {@link killProgram}.
 */
export function startProgram(program: string, args: string[], folder = ''): RunningProgram {
  const child = spawn('/bin/sh', ['-c', guarded, 'luxcam', folder, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // What the program has started, and the guard, end with it.
  child.once('exit', () => killGroup(child));
  return child;
}

/** Kills a program and all that it has started. */
export function killProgram(child: RunningProgram): void {
  // After its end the id may be another's.
  if (child.exitCode === null && child.signalCode === null) killGroup(child);
}

function killGroup({ pid }: RunningProgram): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody of the group is left, or only what another user runs, by sudo.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** How a program ended. */
export interface ProgramEnd {
  /** What it wrote to its standard output. */
  output: Buffer;
  /** The end of what it wrote to its standard error. */
  words: string;
  /** What it ended with (`exit code 255`, `SIGSEGV`), undefined if it went well. */
  failure: string | undefined;
}

/** How many characters of a program's standard error are kept. */
const keptWords = 4096;

/**
 * Runs a program to its end. It is killed when it writes more than {@link largestImage}, and when `signal` aborts; then
 * this throws the signal's reason, once it is gone. Throws an Error if it can't be started.
 */
export function runProgram(program: string, args: string[], signal: AbortSignal, folder = ''): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = startProgram(program, args, folder);
    const chunks: Buffer[] = [];
    let size = 0;
    let words = '';
    let failure: string | undefined;
    const kill = () => {
      killProgram(child);
      // Something of it may be in a group of its own by now and hold these open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= largestImage) return;
      failure = `it wrote more than ${largestImage / 1024 ** 2} MB`;
      kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      words = addWords(words, chunk);
    });
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) return reject(signal.reason);
      if (code !== 0) failure ??= killedBy ?? `exit code ${code}`;
      resolve({ output: Buffer.concat(chunks), words, failure });
    });
  });
}

/** What a program has said so far with a further piece, without its distant past. */
export function addWords(words: string, chunk: Buffer): string {
  return (words + chunk.toString()).slice(-keptWords);
}

/** The last line with something in it. */
export function lastLine(words: string): string {
  return words.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
