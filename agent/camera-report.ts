import type { Logger } from 'pino';
import { messageOf } from '../core/luxcam-error';
import { type CameraState, toRedisMemoryMessage } from '../core/messages';
import type { Topics } from '../core/topics';
import type { BrokerConnection } from './broker-connection';
import type { CaptureService } from './capture-service';
import type { CameraSettings } from './config';
import type { ImageKeeper } from './image-keeper';
import type { Monitoring } from './monitoring';
import type { RunTimeSettings } from './run-time-settings';
import type { CameraWarnings } from './warnings';

/** The shortest time between two publishes of a camera's state, in milliseconds: fast captures must not flood. */
const shortestPause = 500;

export interface CameraReportParts {
  service: CaptureService;
  keeper: ImageKeeper;
  settings: CameraSettings;
  runTimeSettings: RunTimeSettings;
  monitoring: Monitoring;
  warnings: CameraWarnings;
  agent: string;
  broker: BrokerConnection;
  topics: Topics;
  log: Logger;
}

/** Keeps what stands retained of a camera on `availability` and `state` true. */
export class CameraReport {
  readonly camera: string;
  private readonly parts: CameraReportParts;
  private motion: 'ON' | 'OFF' | null;
  /** What was published last, so that nothing is said twice. */
  private availability = '';
  private state = '';
  private pause: NodeJS.Timeout | undefined;

  constructor(parts: CameraReportParts) {
    this.parts = parts;
    this.camera = parts.service.name;
    this.motion = parts.settings.triggers.some((trigger) => trigger.type === 'pir') ? 'OFF' : null;
  }

  /** Tells whether the camera's motion sensor sees motion. */
  setMotion(on: boolean): void {
    this.motion = on ? 'ON' : 'OFF';
    this.publish();
  }

  /**
   * Publishes the availability now and the state soon, as far as they have changed. While the broker is away it does
   * nothing, for after each connect it is called anew.
   */
  publish(): void {
    const { broker, topics, service, warnings } = this.parts;
    warnings.judge();
    if (!broker.connected) {
      this.availability = '';
      this.state = '';
      return;
    }
    const availability = service.available ? 'online' : 'offline';
    if (availability !== this.availability) this.retain(topics.availability(this.camera), availability);
    this.availability = availability;
    if (this.pause !== undefined) return;
    this.publishState();
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.publishState();
    }, shortestPause).unref();
  }

  /** Says that the camera is offline, as the last word before the agent leaves. */
  async publishOffline(): Promise<void> {
    const { broker, topics } = this.parts;
    clearTimeout(this.pause);
    this.pause = undefined;
    if (!broker.connected) return;
    await broker.publish(topics.availability(this.camera), 'offline', { qos: 1, retain: true });
  }

  private publishState(): void {
    const { broker, topics } = this.parts;
    if (!broker.connected) return;
    const state = JSON.stringify(this.describe());
    if (state !== this.state) this.retain(topics.state(this.camera), state);
    this.state = state;
  }

  private retain(topic: string, payload: string): void {
    const { broker, log } = this.parts;
    broker
      .publish(topic, payload, { qos: 1, retain: true })
      .catch((error: unknown) => log.error({ topic }, `not published: ${messageOf(error)}`));
  }

  private describe(): CameraState {
    const { service, keeper, runTimeSettings, agent, monitoring, warnings } = this.parts;
    const stored = monitoring.stored(this.camera);
    const left = stored?.meanTimeLeft ?? null;
    const { interval, timer, ttl } = runTimeSettings.of(this.camera);
    return {
      agent,
      lux: service.lastCapture?.lux ?? null,
      motion: this.motion,
      timer,
      interval,
      ttl,
      last_capture: service.lastCapture ? new Date(service.lastCapture.capturedAt).toISOString() : null,
      captures: service.captures,
      failures: service.failures,
      spooled: keeper.waiting,
      dropped: keeper.dropped,
      spool_bytes: keeper.waitingBytes,
      images: stored?.images ?? null,
      bytes: stored?.bytes ?? null,
      images_per_minute: stored === null ? null : Math.round(stored.imagesPerMinute * 100) / 100,
      mean_time_left: left === null ? null : Math.round(left / 1000),
      redis: monitoring.memory && toRedisMemoryMessage(monitoring.memory),
      warnings: warnings.list,
    };
  }
}
