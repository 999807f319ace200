import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ServerProcess } from './server-process';

const root = path.join(__dirname, '../..');
/** What node is started with to run `luxcam`: what `npm test` has built, as people install it. It starts in a third of the time of its source. */
export const luxcamProgram = [path.join(root, 'dist/agent/main.js')];

/** Where a command runs and what it finds there. */
export interface Surroundings {
  /** The working folder; an empty one keeps it from finding a configuration. */
  cwd?: string;
  /** Beside PATH and HOME the only environment. */
  env?: Record<string, string>;
}

/** What a command has printed, and its exit status. */
export interface Outcome {
  status: number | null;
  output: string;
  bytes: Buffer;
  errors: string;
}

/** Runs `luxcam` with these words until it ends by itself. */
export async function luxcam(words: string[], { cwd, env }: Surroundings = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [...luxcamProgram, ...words], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  await once(child, 'close');
  const bytes = Buffer.concat(output);
  return { status: child.exitCode, output: bytes.toString(), bytes, errors: Buffer.concat(errors).toString() };
}

/** Starts `luxcam` with words after which it runs until it is stopped. */
export function runningLuxcam(words: string[], { env }: Surroundings = {}): ServerProcess {
  return new ServerProcess(process.execPath, [...luxcamProgram, ...words], environment(env));
}

function environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC', ...env };
}
