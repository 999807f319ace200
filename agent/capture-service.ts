import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Meta, NewImage, TriggerName } from '../core/image';
import { type ErrorCode, LuxcamError, messageOf } from '../core/luxcam-error';
import { type Announcement, capturedAnnouncement, failedAnnouncement, spooledAnnouncement } from '../core/messages';
import { type PreparedImage, prepareImage } from '../core/prepare-image';
import type { RedisImageStore } from '../core/redis-image-store';
import type { Camera, Frame } from './cameras/camera';
import { SteadyCamera } from './cameras/steady-camera';
import { DurationHistogram } from './duration-histogram';
import type { ImageKeeper } from './image-keeper';

/** How many commands and sensor triggers wait while a capture is in flight; one more is `camera_busy`. */
const longestQueue = 8;

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

/** Which picture of how many. */
type BurstPosition = { index: number; of: number };

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
 * One camera's captures, one after the other: it takes a picture, stores it and has it announced. It knows whether the
 * camera works.
 */
export class CaptureService {
  readonly name: string;
  readonly settings: CaptureSettings;
  /** Whether the camera is started and its last attempt gave a picture. */
  available = false;
  captures = 0;
  failures = 0;
  readonly failuresByCode = new Map<ErrorCode, number>();
  /**
   * How many pictures that a timer asked for did not come since the last picture that did: they failed, or were dropped
   * while one was in flight that failed.
   */
  missed = 0;
  /** From the trigger, or the end of what was before it, until the image was stored. */
  readonly durations = new DurationHistogram();
  /** Unix milliseconds and lux of the last capture. */
  lastCapture: { capturedAt: number; lux: number | null } | null = null;

  private readonly parts: CaptureServiceParts;
  private readonly camera: SteadyCamera;
  /** When the picture in flight was begun, by the clock that never jumps; null while there is none. */
  private pictureBegan: number | null = null;
  /** How many of a timer's requests were dropped since then. */
  private dropped = 0;
  private readonly waiting: CaptureRequest[] = [];
  private working: Promise<void> | undefined;
  private readonly stopped = new AbortController();

  constructor(parts: CaptureServiceParts) {
    this.parts = parts;
    this.name = parts.name;
    this.settings = parts.settings;
    const { name, camera, log, settings } = parts;
    this.camera = new SteadyCamera({
      name,
      camera,
      log,
      timeout: settings.timeout,
      onStart: () => this.setAvailable(true),
    });
  }

  /** Whether a picture does not get on, although camera, Redis and disk all have their time limits. */
  get stuck(): boolean {
    return this.pictureBegan !== null && performance.now() - this.pictureBegan > this.settings.timeout + longestPicture;
  }

  /** Starts the camera in the background. */
  start(): void {
    this.camera.start();
  }

  /**
   * Asks for pictures. They are taken as soon as those before are done; a timer's request is dropped while the camera
   * is busy, and any other fails as `camera_busy` when too many wait already.
   */
  request(request: CaptureRequest): void {
    if (this.stopped.signal.aborted) {
      void this.leave(request, 1);
      return;
    }
    if (this.working !== undefined) {
      if (request.trigger === 'timer') {
        this.dropped += 1;
        return;
      }
      if (this.waiting.length >= longestQueue) {
        const busy = new LuxcamError(
          'camera_busy',
          `${this.name} is busy and ${longestQueue} requests wait already: ask again later`,
        );
        void this.fail(request, busy);
        return;
      }
    }
    this.waiting.push(request);
    this.working ??= this.work();
  }

  /** Takes a frame to look at live, best of this width in pixels; null if it gave way to a capture. Nothing counts it. */
  liveFrame(width: number): Promise<Frame | null> {
    return this.camera.liveFrame(width);
  }

  /** Finishes the capture in flight, answers the commands that wait, and lets go of the camera. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.working;
    await this.camera.stop();
  }

  private async work(): Promise<void> {
    for (let request = this.waiting.shift(); request !== undefined; request = this.waiting.shift()) {
      const { burst, burstEvery = 0 } = request;
      let index = 1;
      // A stop lets the picture in flight become one, but begins no other.
      for (; index <= burst && !this.stopped.signal.aborted; index += 1) {
        const next = performance.now() + burstEvery;
        await this.capture(request, burstPosition(request, index));
        const early = next - performance.now();
        if (index < burst && early > 0) await this.pause(early);
      }
      if (index <= burst) await this.leave(request, index);
    }
    this.working = undefined;
  }

  /** Answers a command whose pictures, from this one on, a stop leaves undone. Of a trigger nobody waits for an answer. */
  private async leave(request: CaptureRequest, first: number): Promise<void> {
    const { log, name } = this.parts;
    const { trigger, triggerSource: source, burst } = request;
    log.warn({ trigger, source, pictures: burst - first + 1 }, 'not taken any more: the agent stops');
    if (trigger !== 'command') return;
    const stopping = new LuxcamError('agent_stopping', `the agent of ${name} stops: ask again when it is online`);
    for (let index = first; index <= burst; index += 1)
      await this.announceFailure(request, stopping, burstPosition(request, index));
  }

  private async capture(request: CaptureRequest, burst: BurstPosition | undefined): Promise<void> {
    const { keeper, announcer, agent, log, name } = this.parts;
    const began = performance.now();
    this.pictureBegan = began;
    this.dropped = 0;
    try {
      const frame = await this.camera.capture();
      const prepared = await this.prepare(frame.jpeg);
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
      this.missed = 0;
      this.durations.add(performance.now() - began);
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
      // Behind a camera that hangs a timer's other requests do not fail: they never begin.
      this.missed += this.dropped;
      await this.fail(request, error, burst);
    } finally {
      this.pictureBegan = null;
    }
  }

  private async prepare(jpeg: Buffer): Promise<PreparedImage> {
    try {
      return await prepareImage(jpeg);
    } catch (cause) {
      throw new LuxcamError('camera_failed', `${this.name} gave no whole picture: ${messageOf(cause)}`, { cause });
    }
  }

  /** Counts, logs and announces a failure, once. */
  private async fail(request: CaptureRequest, error: unknown, burst?: BurstPosition): Promise<void> {
    const code: ErrorCode = error instanceof LuxcamError ? error.code : 'camera_failed';
    this.failures += 1;
    this.failuresByCode.set(code, (this.failuresByCode.get(code) ?? 0) + 1);
    if (request.trigger === 'timer' && (burst?.index ?? 1) === 1) this.missed += 1;
    const { trigger, triggerSource: source } = request;
    this.parts.log.error({ trigger, source, code }, `failed: ${messageOf(error)}`);
    if (code === 'camera_failed' || code === 'camera_timeout') this.setAvailable(false);
    else this.parts.onChange();
    await this.announceFailure(request, new LuxcamError(code, messageOf(error)), burst);
  }

  private async announceFailure(request: CaptureRequest, error: LuxcamError, burst?: BurstPosition): Promise<void> {
    const { store, announcer, agent, name } = this.parts;
    const { code, message } = error;
    const announcement = failedAnnouncement({
      camera: name,
      agent,
      timestamp_ms: Date.now() + store.connection.clockCorrection,
      trigger: request.trigger,
      trigger_source: request.triggerSource,
      transaction: request.transaction,
      ...(burst && { burst }),
      error: { code, message },
    });
    request.onAnswer?.(announcement);
    if (code === 'store_unavailable') announcer.publishDirectly(announcement);
    else await store.announce(announcement).catch(() => announcer.publishDirectly(announcement));
  }

  private setAvailable(available: boolean): void {
    this.available = available;
    this.parts.onChange();
  }

  /** Waits, but no longer than until the stop. */
  private async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}

/** Undefined where only one picture was asked for. */
function burstPosition({ burst }: CaptureRequest, index: number): BurstPosition | undefined {
  return burst > 1 ? { index, of: burst } : undefined;
}
