import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { largestImage, readImage } from '../../core/image-format';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';
import { readRpicamMetadata } from './rpicam-metadata';
import { type RpicamSettings, rpicamArguments } from './rpicam-settings';
import { findProgram } from './system-program';

export { rpicamSettings } from './rpicam-settings';

/** What the program says, and what to do then. */
const remedies: [RegExp, string][] = [
  [
    /no cameras available/i,
    "Check the ribbon cable at both ends (power off first), then what 'rpicam-still --list-cameras' shows.",
  ],
  [/in use by another process|device or resource busy/i, 'Another program is using the camera: stop that one.'],
  [/selected camera is not available/i, "Check the camera's number with 'rpicam-still --list-cameras'."],
  [/permission denied/i, "Let this user use it: 'sudo usermod -aG video <user>', then log in again."],
];

/** A Raspberry Pi camera: `rpicam-still`, or `libcamera-still` as it was called before, is run for each capture. */
export class RpicamCamera implements Camera {
  private readonly name: string;
  private readonly settings: RpicamSettings;
  private readonly log: Logger;
  private program = '';

  constructor({ name, settings, log }: { name: string; settings: RpicamSettings; log: Logger }) {
    this.name = name;
    this.settings = settings;
    this.log = log;
  }

  async start(): Promise<void> {
    const { program } = this.settings;
    const found = await findProgram(program === undefined ? ['rpicam-still', 'libcamera-still'] : [program]);
    if (found === undefined)
      throw this.failed(
        program === undefined
          ? "needs rpicam-still, which is not installed. On a Raspberry Pi: 'sudo apt-get install rpicam-apps'."
          : `can't run its program ${program}. Check its path, and that it is executable.`,
      );
    this.program = found;
    this.log.debug({ camera: this.name, program: found }, 'found the camera program');
  }

  async capture(signal: AbortSignal): Promise<Frame> {
    signal.throwIfAborted();
    const folder = await mkdtemp(path.join(tmpdir(), 'luxcam-rpicam-'));
    try {
      const metadataFile = path.join(folder, 'metadata.txt');
      const jpeg = await this.run(rpicamArguments(this.settings, metadataFile), signal);
      const capturedAt = Date.now();
      const { lux, metadata } = readRpicamMetadata(await readMetadataFile(metadataFile));
      return { jpeg, capturedAt, lux, metadata };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {}

  /** Runs the program and resolves with the image it wrote to its standard output. An abort kills it. */
  private run(args: string[], signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
      const chunks: Buffer[] = [];
      let size = 0;
      let words = '';
      let broken: Error | undefined;
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= largestImage) chunks.push(chunk);
        else child.kill('SIGKILL');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-4096);
      });
      child.on('error', (error) => {
        broken = error;
      });
      child.on('close', (code, killedBy) => {
        if (signal.aborted) return reject(signal.reason);
        if (broken !== undefined) return reject(this.failed(`can't run ${this.program}: ${broken.message}`, broken));
        if (code !== 0) return reject(this.failedRun(words, killedBy ?? `exit code ${code}`));
        try {
          const jpeg = Buffer.concat(chunks);
          readImage(jpeg);
          resolve(jpeg);
        } catch (error) {
          reject(this.failed(`wrote no usable image: ${messageOf(error)}`, error));
        }
      });
    });
  }

  private failedRun(words: string, ending: string): LuxcamError {
    const remedy = remedies.find(([pattern]) => pattern.test(words))?.[1] ?? '';
    return this.failed(`gave no picture (${ending}): ${gist(words) || 'it said nothing'}. ${remedy}`.trim());
  }

  private failed(what: string, cause?: unknown): LuxcamError {
    return new LuxcamError('camera_failed', `camera ${this.name} (rpicam) ${what}`, { cause });
  }
}

/** The file is absent if the program is too old to write it: then there is nothing to say of the picture. */
async function readMetadataFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** `ERROR: *** no cameras available ***` without its frame; else the last line. */
function gist(words: string): string {
  const [, said] = /ERROR: \*\*\* (.*?) \*\*\*/.exec(words) ?? [];
  return said ?? words.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
