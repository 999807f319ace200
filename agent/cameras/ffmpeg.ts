import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readImage } from '../../core/image-format';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { hideSecrets, shownAddress } from './address';
import type { Camera, Frame } from './camera';
import { type FfmpegEnd, runFfmpeg } from './ffmpeg-run';
import { type FfmpegSettings, ffmpegArguments, mayBeCopied } from './ffmpeg-settings';
import { findProgram } from './system-program';

export { ffmpegSettings } from './ffmpeg-settings';

/** The pause before ffmpeg is started again: it doubles with each run that gives no frame. In milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

/** What ffmpeg says, and what to do then. */
const remedies: [RegExp, string][] = [
  [/401|authorization failed/i, 'Check the user and the password in its URL (percent-encoded where they hold signs).'],
  [/404|No such (file|device)/i, 'Check that it is plugged in, and its path.'],
  [/Connection refused|timed out|No route|resolve hostname/i, 'Check that it is switched on, and its address.'],
  [/busy/i, 'Another program is using it: stop that one.'],
  [/Permission denied/i, "Let this user read it: for a device 'sudo usermod -aG video <user>', then log in again."],
];

/**
 * A camera that ffmpeg reads: a device, a file, an RTSP or HTTP stream. ffmpeg runs all the time, so that a capture costs
 * a frame and not a connection, and is started again when it ends or stalls.
 */
export class FfmpegCamera implements Camera {
  private readonly name: string;
  private readonly settings: FfmpegSettings;
  private readonly log: Logger;
  private stopped = new AbortController();
  private running: Promise<void> | undefined;
  private copy: boolean;
  /** Who waits for the next frame: a capture, and somebody who looks live. */
  private readonly waiting = new Set<{ resolve: (frame: Frame) => void; reject: (error: unknown) => void }>();
  /** How many runs in a row ended well after one frame. One may be a stream that broke off, two are no stream. */
  private singles = 0;
  /** Why the last run gave no frame at all, or that there is no stream. */
  private failure: LuxcamError | undefined;

  constructor({ name, settings, log }: { name: string; settings: FfmpegSettings; log: Logger }) {
    this.name = name;
    this.settings = settings;
    this.log = log;
    this.copy = mayBeCopied(settings);
  }

  /** Starts ffmpeg. Whether its input can be read shows with the first capture, as it may still come. */
  async start(): Promise<void> {
    const program = await findProgram(['ffmpeg']);
    if (program === undefined)
      throw this.failed(
        "needs the program ffmpeg, which is not installed. Install it with 'sudo apt-get install ffmpeg'.",
      );
    this.stopped = new AbortController();
    this.running = this.keepRunning(program, this.stopped.signal);
  }

  /** Resolves with the next frame that arrives: never with one from before the call. */
  capture(signal: AbortSignal): Promise<Frame> {
    return this.nextFrame(signal);
  }

  frame(signal: AbortSignal): Promise<Frame> {
    return this.nextFrame(signal);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    for (const { reject } of this.waiting) reject(this.failed('was stopped.'));
    await this.running;
  }

  private async nextFrame(signal: AbortSignal): Promise<Frame> {
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    return await new Promise<Frame>((resolve, reject) => {
      const settle = (how: () => void) => {
        this.waiting.delete(waiter);
        signal.removeEventListener('abort', giveUp);
        how();
      };
      const waiter = {
        resolve: (frame: Frame) => settle(() => resolve(frame)),
        reject: (error: unknown) => settle(() => reject(error)),
      };
      const giveUp = () => waiter.reject(signal.reason);
      this.waiting.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  private async keepRunning(program: string, signal: AbortSignal): Promise<void> {
    let pause = firstPause;
    while (!signal.aborted) {
      const end = await this.run(program, signal);
      if (signal.aborted) return;
      if (!end.jpegs && this.copy) {
        this.copy = false;
        continue;
      }
      this.singles = end.frames === 1 && end.complete ? this.singles + 1 : 0;
      if (this.singles > 1) pause = longestPause;
      else if (end.frames > 0) pause = firstPause;
      this.report(end, pause);
      await delay(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(2 * pause, longestPause);
    }
  }

  private run(program: string, signal: AbortSignal): Promise<FfmpegEnd> {
    return runFfmpeg(program, ffmpegArguments(this.settings, this.copy), {
      stallTimeout: this.settings.stall_timeout,
      signal,
      onFrame: (jpeg, count) => this.receive(jpeg, count),
    });
  }

  private receive(jpeg: Buffer, count: number): void {
    if (this.singles > 1 && count === 1) return;
    if (this.failure !== undefined) {
      this.failure = undefined;
      this.log.info({ camera: this.name }, 'ffmpeg gives frames again');
    }
    if (this.waiting.size === 0) return;
    try {
      readImage(jpeg);
      for (const { resolve } of this.waiting) resolve({ jpeg, capturedAt: Date.now(), metadata: {} });
    } catch (error) {
      this.log.warn({ camera: this.name }, `passed over a broken frame: ${messageOf(error)}`);
    }
  }

  /** A run that gave frames is followed by another soon, so captures wait for it; one that gave none fails them. */
  private report({ frames, reason }: FfmpegEnd, pause: number): void {
    const address = shownAddress(this.settings.input);
    const said = hideSecrets(reason, this.settings.input).replaceAll(`${address}: `, '');
    this.log.warn({ camera: this.name, reason: said, retry_in: pause / 1000 }, 'ffmpeg ended, it starts again');
    if (frames > 0 && this.singles < 2) return;
    const remedy = remedies.find(([pattern]) => pattern.test(said))?.[1] ?? '';
    this.failure = this.failed(
      this.singles > 1
        ? "gives a single picture and no stream. Use 'type: http' with this address as its 'url', or 'type: folder' for files."
        : `can't be read by ffmpeg: ${said}. ${remedy}`.trim(),
    );
    for (const { reject } of this.waiting) reject(this.failure);
  }

  private failed(what: string): LuxcamError {
    return new LuxcamError('camera_failed', `camera ${this.name} (${shownAddress(this.settings.input)}) ${what}`);
  }
}
