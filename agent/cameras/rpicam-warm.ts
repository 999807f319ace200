import { EventEmitter } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LuxcamError } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';
import { makePrivateFolder } from './private-folder';
import { findRpicam, rpicamFailed } from './rpicam-program';
import { RpicamRun } from './rpicam-run';
import { type RpicamSettings, warmArguments } from './rpicam-settings';

/** The pause before the program is started again: it doubles with each run that gives no frame. In milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

/**
 * A Raspberry Pi camera that stays on, so that a capture costs some frames and not the one to seven seconds in which
 * a camera starts. Its program is started again when it ends or hangs.
 */
export class RpicamWarmCamera implements Camera {
  private readonly name: string;
  private readonly settings: RpicamSettings;
  private readonly log: Logger;
  private readonly events = new EventEmitter<{ ready: []; failed: [] }>();
  private stopped = new AbortController();
  private running: Promise<void> | undefined;
  private current: RpicamRun | undefined;
  /** Why the last run gave no frame at all, until one does. */
  private failure: LuxcamError | undefined;

  constructor({ name, settings, log }: { name: string; settings: RpicamSettings; log: Logger }) {
    this.name = name;
    this.settings = settings;
    this.log = log;
  }

  /** Resolves when the camera gives frames. Throws why its program ended, if it does before. */
  async start(): Promise<void> {
    const program = await findRpicam(this.name, this.settings);
    const folder = await makePrivateFolder();
    this.stopped = new AbortController();
    this.failure = undefined;
    this.running = this.keepRunning(program, folder, this.stopped.signal);
    try {
      await this.readyRun(this.stopped.signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** If the program dies under it, a capture is tried once more with the next. */
  async capture(signal: AbortSignal): Promise<Frame> {
    const run = await this.readyRun(signal);
    try {
      return await run.capture(signal);
    } catch (error) {
      if (signal.aborted || run.failure === undefined || this.stopped.signal.aborted) throw error;
      return await (await this.readyRun(signal)).capture(signal);
    }
  }

  /** Takes its turn with a capture, which may so have to wait for one picture. */
  async frame(signal: AbortSignal): Promise<Frame> {
    return await (await this.readyRun(signal)).frame(signal);
  }

  async stop(): Promise<void> {
    this.failure = rpicamFailed(this.name, 'was stopped.');
    this.stopped.abort(this.failure);
    this.events.emit('failed');
    this.current?.kill('it was stopped');
    await this.running;
  }

  private async keepRunning(program: string, folder: string, signal: AbortSignal): Promise<void> {
    const imageFile = path.join(folder, 'image.jpg');
    const args = warmArguments(this.settings, imageFile);
    const stallTimeout = this.settings.stall_timeout + 2 * (this.settings.shutter ?? 0);
    for (let pause = firstPause; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      const run = new RpicamRun({ name: this.name, program, args, imageFile, folder, stallTimeout });
      this.current = run;
      await run.run(() => this.becomeReady());
      if (signal.aborted) break;
      if (run.ready) pause = firstPause;
      this.report(run, pause);
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
    await rm(folder, { recursive: true, force: true });
  }

  private becomeReady(): void {
    this.failure = undefined;
    this.log.info({ camera: this.name }, 'the camera gives frames');
    this.events.emit('ready');
  }

  /** A run that gave frames is followed by another soon, so captures wait for it; one that gave none fails them. */
  private report({ failure, ready }: RpicamRun, pause: number): void {
    this.log.warn(
      { camera: this.name, retry_in: pause / 1000 },
      `the camera program starts again: ${failure?.message}`,
    );
    if (ready) return;
    this.failure = failure;
    this.events.emit('failed');
  }

  private readyRun(signal: AbortSignal): Promise<RpicamRun> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const failure = signal.aborted ? signal.reason : this.failure;
        const run = this.current;
        const usable = run?.ready && run.failure === undefined ? run : undefined;
        if (failure === undefined && usable === undefined) return;
        this.events.off('ready', check).off('failed', check);
        signal.removeEventListener('abort', check);
        if (failure === undefined && usable !== undefined) resolve(usable);
        else reject(failure);
      };
      this.events.on('ready', check).on('failed', check);
      signal.addEventListener('abort', check);
      check();
    });
  }
}
