import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Meta, NewImage, TriggerName } from '../core/image';
import { type ErrorCode, LuxcamError, messageOf } from '../core/luxcam-error';
import { type Announcement, capturedAnnouncement, failedAnnouncement, spooledAnnouncement } from '../core/messages';
import { prepareImage } from '../core/prepare-image';
import type { RedisImageStore } from '../core/redis-image-store';
import type { Camera, Frame } from './cameras/camera';
import type { ImageKeeper } from './image-keeper';

/** How many commands and sensor triggers wait while a capture is in flight; one more is `camera_busy`. */
const longestQueue = 8;

/** How long to wait before another attempt to start a camera that would not, in milliseconds: doubled up to the last. */
const firstRetry = 2000;
const lastRetry = 60_000;

/** How long a camera may take to obey: to give up a capture whose time is over, and to stop. In milliseconds. */
const grace = 2000;

/** How long a picture may take beyond the camera's own timeout until it counts as stuck, in milliseconds. */
const longestPicture = 120_000;

/** Someone's wish for one picture or several. */
export interface CaptureRequest {
  trigger: TriggerName;
  triggerSource: string;
  transaction: string | null;
  /** Time to live in seconds, where it is not to be the camera's own. */
  ttl?: number;
  /** How many pictures. */
  burst: number;
  /** From the beginning of one of them to that of the next, in milliseconds, where the camera is not slower. */
  burstEvery?: number;
  meta: Meta;
  /** Is told each announcement that answers this request. */
  onAnswer?: (announcement: Announcement) => void;
}

export interface CaptureSettings {
  /** Time to live in seconds, which may be changed at any time. */
  ttl: number;
  /** How long one picture may take, in milliseconds. */
  timeout: number;
}

/** Where announcements go that could not be kept in Redis. */
export interface DirectAnnouncer {
  publishDirectly(announcement: Announcement): void;
}

export interface CaptureServiceParts {
  name: string;
  agent: string;
  camera: Camera;
  store: RedisImageStore;
  keeper: ImageKeeper;
  announcer: DirectAnnouncer;
  settings: CaptureSettings;
  log: Logger;
  /** Is called after each change of what the service says of itself. */
  onChange: () => void;
}

/**
 * One camera's captures, one after the other: it takes a picture, stores it and has it announced. It keeps the camera
 * started, and knows whether it works.
 */
export class CaptureService {
  readonly name: string;
  readonly settings: CaptureSettings;
  /** Whether the camera is started and its last attempt gave a picture. */
  available = false;
  captures = 0;
  failures = 0;
  /** Unix milliseconds and lux of the last capture. */
  lastCapture: { capturedAt: number; lux: number | null } | null = null;

  private readonly parts: CaptureServiceParts;
  /** When the picture in flight was begun, by the clock that never jumps; null while there is none. */
  private pictureBegan: number | null = null;
  private started = false;
  /** Why the camera could not be started, as far as it could not. */
  private startProblem = 'it is still starting';
  private readonly waiting: CaptureRequest[] = [];
  private working: Promise<void> | undefined;
  private starting: Promise<void> | undefined;
  private readonly stopped = new AbortController();

  constructor(parts: CaptureServiceParts) {
    this.parts = parts;
    this.name = parts.name;
    this.settings = parts.settings;
  }

  /** Whether a picture does not get on, although camera, Redis and disk all have their time limits. */
  get stuck(): boolean {
    return this.pictureBegan !== null && performance.now() - this.pictureBegan > this.settings.timeout + longestPicture;
  }

  /** Starts the camera in the background, again and again until it does. */
  start(): void {
    this.starting = this.startCamera();
  }

  /**
   * Asks for pictures. They are taken as soon as those before are done; a timer's request is dropped while the camera
   * is busy, and any other fails as `camera_busy` when too many wait already.
   */
  request(request: CaptureRequest): void {
    if (this.stopped.signal.aborted) return;
    if (this.working !== undefined) {
      if (request.trigger === 'timer') return;
      if (this.waiting.length >= longestQueue) {
        const busy = new LuxcamError(
          'camera_busy',
          `${this.name} is busy and ${longestQueue} requests wait already: ask again later`,
        );
        this.fail(request, busy).catch((error: unknown) => this.logProblem(error));
        return;
      }
    }
    this.waiting.push(request);
    this.working ??= this.work();
  }

  /** Refuses what waits, finishes the capture in flight, and lets go of the camera. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.waiting.length = 0;
    await this.working;
    // A camera that does not obey must not keep the agent from ending.
    await Promise.race([this.releaseCamera(), setTimeout(grace, undefined, { ref: false })]);
  }

  /** Stops it also in the midst of its start, and again where that went on all the same. */
  private async releaseCamera(): Promise<void> {
    await this.parts.camera.stop();
    await this.starting;
    await this.parts.camera.stop();
  }

  private async startCamera(): Promise<void> {
    const { camera, log } = this.parts;
    for (let wait = firstRetry; !this.stopped.signal.aborted; wait = Math.min(wait * 2, lastRetry)) {
      try {
        await camera.start();
        this.started = true;
        log.info('camera started');
        this.setAvailable(true);
        return;
      } catch (error) {
        this.startProblem = messageOf(error);
        log.error({ retry_seconds: wait / 1000 }, `camera not started: ${this.startProblem}`);
        await this.pause(wait);
      }
    }
  }

  private async work(): Promise<void> {
    for (let request = this.waiting.shift(); request !== undefined; request = this.waiting.shift()) {
      const { burst, burstEvery = 0 } = request;
      for (let index = 1; index <= burst && !this.stoppedBefore(index); index += 1) {
        const next = performance.now() + burstEvery;
        await this.capture(request, burst > 1 ? { index, of: burst } : undefined);
        const early = next - performance.now();
        if (index < burst && early > 0) await this.pause(early);
      }
    }
    this.working = undefined;
  }

  /** A stop lets the picture in flight become one, but begins no other. */
  private stoppedBefore(index: number): boolean {
    return index > 1 && this.stopped.signal.aborted;
  }

  private async capture(request: CaptureRequest, burst: { index: number; of: number } | undefined): Promise<void> {
    const { camera, keeper, announcer, agent, log, name } = this.parts;
    const began = performance.now();
    this.pictureBegan = began;
    try {
      const frame = await this.takeFrame(camera);
      const prepared = await prepareImage(frame.jpeg);
      const image: NewImage = {
        ...prepared,
        camera: name,
        agent,
        capturedAt: frame.capturedAt,
        ttl: request.ttl ?? this.settings.ttl,
        lux: frame.lux,
        trigger: request.trigger,
        triggerSource: request.triggerSource,
        meta: { ...frame.metadata, ...request.meta },
        transaction: request.transaction,
        burst,
        replayed: false,
      };
      const stored = await keeper.keep(image);
      this.captures += 1;
      this.lastCapture = { capturedAt: stored?.capturedAt ?? image.capturedAt, lux: image.lux ?? null };
      log.info(
        {
          ...(stored && { id: stored.id }),
          trigger: image.trigger,
          source: image.triggerSource,
          lux: image.lux,
          bytes: image.bytes.length,
          milliseconds: Math.round(performance.now() - began),
        },
        stored ? 'captured' : 'captured, waits on disk for Redis',
      );
      this.setAvailable(true);
      const announcement = stored ? capturedAnnouncement(stored, image, false) : spooledAnnouncement(image);
      request.onAnswer?.(announcement);
      if (stored === null) announcer.publishDirectly(announcement);
    } catch (error) {
      await this.fail(request, error, burst).catch((problem: unknown) => this.logProblem(problem));
    } finally {
      this.pictureBegan = null;
    }
  }

  private async takeFrame(camera: Camera): Promise<Frame> {
    if (!this.started) await Promise.race([this.starting, this.pause(this.settings.timeout)]);
    if (!this.started) throw new LuxcamError('camera_failed', `${this.name} has not started: ${this.startProblem}`);
    const deadline = AbortSignal.timeout(this.settings.timeout);
    try {
      return await this.captureInTime(camera, deadline);
    } catch (error) {
      if (!deadline.aborted) throw error;
      const seconds = this.settings.timeout / 1000;
      throw new LuxcamError(
        'camera_timeout',
        `${this.name} gave no picture within ${seconds} s: check that it is connected and switched on`,
        {
          cause: error,
        },
      );
    }
  }

  /** Does not wait for a camera that goes on after its time: it is started again, so that the next request has a chance. */
  private async captureInTime(camera: Camera, deadline: AbortSignal): Promise<Frame> {
    const settled = new AbortController();
    const capture = camera.capture(deadline).finally(() => settled.abort());
    const overdue = setTimeout(this.settings.timeout + grace, undefined, { signal: settled.signal }).then(() => {
      this.starting = this.restartCamera();
      throw deadline.reason;
    });
    return await Promise.race([capture, overdue]);
  }

  private async restartCamera(): Promise<void> {
    this.started = false;
    this.startProblem = 'it did not react, and is being started again';
    this.parts.log.error('the camera does not react: it is started again');
    await this.parts.camera.stop();
    await this.startCamera();
  }

  /** Counts, logs and announces a failure, once. */
  private async fail(request: CaptureRequest, error: unknown, burst?: { index: number; of: number }): Promise<void> {
    const { store, announcer, agent, log, name } = this.parts;
    const code: ErrorCode = error instanceof LuxcamError ? error.code : 'camera_failed';
    const announcement = failedAnnouncement({
      camera: name,
      agent,
      timestamp_ms: Date.now() + store.connection.clockCorrection,
      trigger: request.trigger,
      trigger_source: request.triggerSource,
      transaction: request.transaction,
      ...(burst && { burst }),
      error: { code, message: messageOf(error) },
    });
    this.failures += 1;
    log.error({ trigger: request.trigger, source: request.triggerSource, code }, `failed: ${messageOf(error)}`);
    if (code === 'camera_failed' || code === 'camera_timeout') this.setAvailable(false);
    else this.parts.onChange();
    request.onAnswer?.(announcement);
    if (code === 'store_unavailable') announcer.publishDirectly(announcement);
    else await store.announce(announcement);
  }

  private setAvailable(available: boolean): void {
    this.available = available;
    this.parts.onChange();
  }

  private logProblem(error: unknown): void {
    this.parts.log.error(`the failure could not be announced: ${messageOf(error)}`);
  }

  /** Waits, but no longer than until the stop. */
  private async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}
