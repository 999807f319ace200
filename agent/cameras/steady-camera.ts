import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';

/** How long to wait before another attempt to start a camera that would not, in milliseconds: doubled up to the last. */
const firstRetry = 2000;
const lastRetry = 60_000;

/** How long a camera may take to obey: to give up a capture whose time is over, and to stop. In milliseconds. */
const grace = 2000;

export interface SteadyCameraParts {
  name: string;
  camera: Camera;
  /** How long one picture may take, in milliseconds. */
  timeout: number;
  log: Logger;
  /** Is called each time the camera has been started. */
  onStart: () => void;
}

/**
 * Keeps a camera at work: starts it, again and again until it does; bounds the time of a capture; and starts it again
 * when it does not give up a capture whose time is over, so that it can't hold up anything else.
 */
export class SteadyCamera {
  private readonly parts: SteadyCameraParts;
  private started = false;
  /** Why the camera could not be started, as far as it could not. */
  private startProblem = 'it is still starting';
  private starting: Promise<void> | undefined;
  /** Settles when the capture in flight has. */
  private capturing: Promise<void> | undefined;
  /** Makes the live frame in flight give way, and resolves when it has. */
  private endLiveFrame: (() => Promise<void>) | undefined;
  private readonly stopped = new AbortController();

  constructor(parts: SteadyCameraParts) {
    this.parts = parts;
  }

  /** Starts the camera in the background. */
  start(): void {
    this.starting = this.startCamera();
  }

  /** Takes one picture. Throws a LuxcamError: `camera_timeout`, or `camera_failed` that says what to do. */
  capture(): Promise<Frame> {
    const capture = this.captureNow();
    const settled = capture.then(
      () => undefined,
      () => undefined,
    );
    this.capturing = settled.then(() => {
      this.capturing = undefined;
    });
    return capture;
  }

  /**
   * Takes a frame to look at live, best of this width in pixels; null if it gave way to a capture.
   * Throws as {@link capture} does.
   */
  async liveFrame(width: number): Promise<Frame | null> {
    const { camera, timeout } = this.parts;
    await this.hasStarted();
    while (camera.frame === undefined && this.capturing !== undefined) await this.capturing;
    const end = new AbortController();
    const timer = globalThis.setTimeout(() => end.abort(), timeout);
    const frame = camera.frame?.(end.signal, width) ?? this.captureUntil(end.signal);
    let gaveWay = false;
    if (camera.frame === undefined)
      this.endLiveFrame = async () => {
        gaveWay = true;
        end.abort();
        await frame.catch(() => undefined);
      };
    try {
      return await frame;
    } catch (cause) {
      if (gaveWay) return null;
      throw end.signal.aborted ? this.timedOut(cause) : cause;
    } finally {
      clearTimeout(timer);
      this.endLiveFrame = undefined;
    }
  }

  /** Lets go of the camera. One that does not obey does not keep the agent from ending. */
  async stop(): Promise<void> {
    this.stopped.abort();
    void this.endLiveFrame?.();
    await Promise.race([this.release(), setTimeout(grace, undefined, { ref: false })]);
  }

  private async captureNow(): Promise<Frame> {
    const { timeout } = this.parts;
    await this.endLiveFrame?.();
    await this.hasStarted();
    const deadline = AbortSignal.timeout(timeout);
    try {
      return await this.captureUntil(deadline);
    } catch (cause) {
      throw deadline.aborted ? this.timedOut(cause) : cause;
    }
  }

  private async captureUntil(deadline: AbortSignal): Promise<Frame> {
    const settled = new AbortController();
    try {
      return await Promise.race([this.parts.camera.capture(deadline), this.whenOverdue(deadline, settled.signal)]);
    } finally {
      settled.abort();
    }
  }

  /** Starts the camera again, and throws, if a picture has not settled long after it should have given up. */
  private async whenOverdue(deadline: AbortSignal, settled: AbortSignal): Promise<never> {
    if (!deadline.aborted) await once(deadline, 'abort', { signal: settled });
    await setTimeout(grace, undefined, { signal: settled });
    this.starting = this.startAgain();
    throw deadline.reason;
  }

  /** Waits for a camera that is starting, for as long as one picture may take. */
  private async hasStarted(): Promise<void> {
    const { name, timeout } = this.parts;
    if (!this.started) await Promise.race([this.starting, this.pause(timeout)]);
    if (!this.started) throw new LuxcamError('camera_failed', `${name} has not started: ${this.startProblem}`);
  }

  private timedOut(cause: unknown): LuxcamError {
    const what = `${this.parts.name} gave no picture within ${this.parts.timeout / 1000} s`;
    return new LuxcamError('camera_timeout', `${what}: check that it is connected and switched on`, { cause });
  }

  private async startCamera(): Promise<void> {
    const { camera, log, onStart } = this.parts;
    for (let wait = firstRetry; !this.stopped.signal.aborted; wait = Math.min(wait * 2, lastRetry)) {
      try {
        await camera.start();
        this.started = true;
        log.info('camera started');
        onStart();
        return;
      } catch (error) {
        this.startProblem = messageOf(error);
        log.error({ retry_seconds: wait / 1000 }, `camera not started: ${this.startProblem}`);
        await this.pause(wait);
      }
    }
  }

  private async startAgain(): Promise<void> {
    this.started = false;
    this.startProblem = 'it did not react, and is being started again';
    this.parts.log.error('the camera does not react: it is started again');
    await this.parts.camera.stop();
    await this.startCamera();
  }

  /** Stops the camera also in the midst of its start, and again where that went on all the same. */
  private async release(): Promise<void> {
    await this.parts.camera.stop();
    await this.starting;
    await this.parts.camera.stop();
  }

  /** Waits, but no longer than until the stop. */
  private async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}
