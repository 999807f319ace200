import { EventEmitter } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { hrtime } from 'node:process';
import { readImage } from '../../core/image-format';
import { type LuxcamError, messageOf } from '../../core/luxcam-error';
import type { Frame } from './camera';
import { addWords, killProgram, type RunningProgram, startProgram } from './program';
import { readRpicamMetadata } from './rpicam-metadata';
import { rpicamEnded, rpicamFailed } from './rpicam-program';
import { frameLine } from './rpicam-settings';

/**
 * The frames that pass before the one after the next can't be from before a request: while one is handed out the next
 * two are on their way from the sensor.
 */
const framesUnderWay = 2;

/** A frame older than this by its own account has another clock than ours. In milliseconds. */
const oldestFrame = 60_000;

/** How often a frame from before the request is replaced. Frames come in order: then it's their clock that is wrong. */
const mostAttempts = 4;

/** No record of metadata is longer, in characters. */
const longestRecord = 65_536;

export interface RpicamRunParts {
  name: string;
  program: string;
  args: string[];
  /** Where the program writes its image, and the folder around it. */
  imageFile: string;
  folder: string;
  /** In milliseconds. */
  stallTimeout: number;
}

/**
 * One run of a camera program that stays on. It says a line for each frame: before the first one a signal would kill it,
 * and when no more come it hangs. At SIGUSR1 it writes an image to its file, and then, when the file is closed, a
 * record of metadata to its standard output; several signals in between would give but one image.
 */
export class RpicamRun {
  /** Why it ended, as soon as it has. */
  failure: LuxcamError | undefined;
  private readonly parts: RpicamRunParts;
  private readonly events = new EventEmitter<{ frame: []; record: [string]; end: [] }>();
  private frames = 0;
  private killedBecause = '';
  private child: RunningProgram | undefined;
  /** Settles when the picture under way has: one at a time. */
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(parts: RpicamRunParts) {
    this.parts = parts;
  }

  /** Whether it has given a frame: only then it may be asked for a picture. */
  get ready(): boolean {
    return this.frames > 0;
  }

  /** Runs the program until it ends, or hangs and is killed. Calls `onReady` at its first frame. Never rejects. */
  run(onReady: () => void): Promise<void> {
    const { name, program, args, folder, stallTimeout } = this.parts;
    const child = startProgram(program, args, folder);
    this.child = child;
    const watchdog = setTimeout(() => this.kill(`no frame for ${stallTimeout / 1000} s`), stallTimeout);
    let words = '';
    let line = '';
    let record = '';
    child.stderr.on('data', (chunk: Buffer) => {
      const lines = (line + chunk.toString()).split('\n');
      line = (lines.pop() ?? '').slice(-longestRecord);
      for (const complete of lines) {
        if (!complete.startsWith(frameLine)) {
          words = addWords(words, Buffer.from(`${complete}\n`));
          continue;
        }
        watchdog.refresh();
        this.frames += 1;
        if (this.frames === 1) onReady();
        this.events.emit('frame');
      }
    });
    child.stdout.on('data', (chunk: Buffer) => {
      const records = (record + chunk.toString()).split('\n\n');
      record = (records.pop() ?? '').slice(-longestRecord);
      for (const complete of records) this.events.emit('record', complete);
    });
    return new Promise((resolve) => {
      const end = (ending: string) => {
        clearTimeout(watchdog);
        this.failure = rpicamEnded(name, words + line, this.killedBecause || ending);
        this.events.emit('end');
        resolve();
      };
      child.on('error', (error) => end(error.message));
      child.on('close', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  /**
   * Takes a picture from after this call. Throws why the run ended, if it does, and `camera_failed` for an image that
   * can't be used. When `signal` aborts with a picture under way the run is over, as its late record would be taken for
   * that of the next picture.
   */
  capture(signal: AbortSignal): Promise<Frame> {
    const asked = hrtime.bigint();
    return this.inTurn(() => this.takeFreshFrame(asked, signal));
  }

  /** Takes a picture to look at live: the next one, whenever it was exposed. Throws as {@link capture} does. */
  frame(signal: AbortSignal): Promise<Frame> {
    return this.inTurn(async () => {
      // The program says no line for a frame that becomes a picture. One in between shows that it does not hang.
      await this.next('frame', signal);
      return (await this.takeNextFrame(signal)).frame;
    });
  }

  /** Ends it. */
  kill(because: string): void {
    this.killedBecause ||= because;
    if (this.child !== undefined) killProgram(this.child);
  }

  /** One picture after the other: a signal while another one is under way would be lost. */
  private inTurn(take: () => Promise<Frame>): Promise<Frame> {
    const picture = this.underWay.then(take);
    this.underWay = picture.catch(() => undefined);
    return picture;
  }

  /** A picture from after `asked`, by hrtime. */
  private async takeFreshFrame(asked: bigint, signal: AbortSignal): Promise<Frame> {
    for (let count = 0; count < framesUnderWay; count += 1) await this.next('frame', signal);
    for (let attempt = 1; ; attempt += 1) {
      const { frame, exposedAt } = await this.takeNextFrame(signal);
      if (exposedAt === undefined || exposedAt >= asked || attempt === mostAttempts) return frame;
    }
  }

  private async takeNextFrame(signal: AbortSignal): Promise<{ frame: Frame; exposedAt?: bigint }> {
    await rm(this.parts.imageFile, { force: true });
    const recorded = this.next('record', signal);
    this.child?.kill('SIGUSR1');
    const record = await recorded.catch((error: unknown) => {
      this.kill('it gave no picture in time');
      throw error;
    });
    const [arrived, arrivedByKernel] = [Date.now(), hrtime.bigint()];
    const jpeg = await this.readImage();
    const { lux, metadata } = readRpicamMetadata(record);
    // By the kernel's CLOCK_MONOTONIC, which is that of hrtime, in nanoseconds: when its first row was read out.
    const exposedAt = /^\d+$/.test(`${metadata.SensorTimestamp}`) ? BigInt(metadata.SensorTimestamp ?? 0) : undefined;
    const age = exposedAt === undefined ? Number.NaN : Number(arrivedByKernel - exposedAt) / 1e6;
    const known = age >= 0 && age < oldestFrame;
    const capturedAt = known ? Math.round(arrived - age) : arrived;
    return { frame: { jpeg, capturedAt, lux, metadata }, ...(known && { exposedAt }) };
  }

  private async readImage(): Promise<Buffer> {
    const { name, imageFile } = this.parts;
    try {
      const jpeg = await readFile(imageFile);
      readImage(jpeg);
      return jpeg;
    } catch (error) {
      throw rpicamFailed(name, `wrote no usable image: ${messageOf(error)}`, error);
    } finally {
      await rm(imageFile, { force: true });
    }
  }

  /** The next frame or record. Throws why the run ended, if it does first, and the signal's reason when it aborts. */
  private next(event: 'frame' | 'record', signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const onEvent = (text = '') => settle(() => resolve(text));
      const onEnd = () => settle(() => reject(this.failure));
      const onAbort = () => settle(() => reject(signal.reason));
      const settle = (how: () => void) => {
        this.events.off(event, onEvent).off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
        how();
      };
      this.events.on(event, onEvent).on('end', onEnd);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else if (this.failure !== undefined) onEnd();
    });
  }
}
