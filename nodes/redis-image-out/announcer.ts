import { setTimeout } from 'node:timers/promises';
import { LuxcamError } from '../../core/luxcam-error';
import type { Announcement, CapturedAnnouncement } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import type { Topics } from '../../core/topics';
import type { Broker } from '../broker';

/** The largest thumbnail that is sent over MQTT, in bytes. */
const largestThumbnail = 64 * 1024;

export interface AnnouncerParts {
  /** With the outbox that is to be emptied. */
  store: RedisImageStore;
  broker: Broker;
  topics: Topics;
  /** Is told of an announcement that no attempt will ever get through. */
  onProblem: (error: unknown) => void;
}

/** Publishes what lies in a node's outbox, one after the other, and removes each once the broker has taken it. */
export class Announcer {
  private readonly parts: AnnouncerParts;
  private readonly stopped = new AbortController();

  constructor(parts: AnnouncerParts) {
    this.parts = parts;
  }

  start(): void {
    this.run().catch((error: unknown) => this.parts.onProblem(error));
  }

  /** What has not been announced stays in the outbox, for the next start. */
  stop(): void {
    this.stopped.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    for await (const entry of this.parts.store.outbox(signal)) {
      if (entry.type === 'announcement' && !(await this.published(entry.announcement))) return;
      // If Redis is away now, the announcement is repeated after the next start: at least once, not exactly once.
      await this.parts.store.acknowledge(entry.id).catch(() => undefined);
    }
  }

  /** Publishes as soon as the broker is there. False if the node was stopped before that. */
  private async published(announcement: Announcement): Promise<boolean> {
    const { broker, onProblem } = this.parts;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await broker.ready(signal);
        await this.publish(announcement);
        return true;
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof LuxcamError && error.code === 'invalid_request') {
          onProblem(error);
          return true;
        }
        await setTimeout(500, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }

  private async publish(announcement: Announcement): Promise<void> {
    const { broker, topics } = this.parts;
    const payload = JSON.stringify(announcement);
    await broker.publish({ topic: topics.event(announcement.camera), payload, qos: 1 });
    if (announcement.event === 'captured') await this.publishLatest(announcement, payload);
  }

  /** What stays at the broker for those who come later: the last announcement and its thumbnail. */
  private async publishLatest(announcement: CapturedAnnouncement, payload: string): Promise<void> {
    const { broker, topics, store } = this.parts;
    const { camera, timestamp_ms: capturedAt, ttl } = announcement;
    const left = capturedAt + (ttl ?? 0) * 1000 - Date.now() - store.connection.clockCorrection;
    if (left <= 0) return;
    const expiry = Math.ceil(left / 1000);
    await broker.publish({ topic: topics.latest(camera), payload, qos: 1, retain: true, expiry });
    const found = await store.thumbnail(announcement.id).catch(() => null);
    if (!found?.thumbnail || found.thumbnail.length > largestThumbnail) return;
    await broker.publish({ topic: topics.thumbnail(camera), payload: found.thumbnail, qos: 0, retain: true });
  }
}
