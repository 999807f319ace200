import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import type { Announcement, CapturedAnnouncement } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import type { Topics } from '../core/topics';
import type { BrokerConnection } from './broker-connection';
import { within } from './within';

/** The largest thumbnail that is sent over MQTT, in bytes. */
const largestThumbnail = 64 * 1024;

/** How long a stop waits for one answer of Redis or the broker, in milliseconds: they may hang. */
const answerPatience = 1000;

/** How long to wait before Redis is asked again to remove an announcement, in milliseconds. */
const retryPause = 200;

export interface AnnouncerParts {
  store: RedisImageStore;
  broker: BrokerConnection;
  topics: Topics;
  log: Logger;
}

/**
 * Publishes what lies in the agent's outbox, in order and one after the other, and removes each announcement once the
 * broker has acknowledged it. What a crash or a lost broker left there goes out first.
 */
export class Announcer {
  private readonly parts: AnnouncerParts;
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private idle: (() => void) | undefined;

  constructor(parts: AnnouncerParts) {
    this.parts = parts;
  }

  start(): void {
    this.running = this.run().catch((error: unknown) => this.parts.log.fatal(`announcer: ${messageOf(error)}`));
  }

  /** Waits until the outbox is empty, but at most so many milliseconds, and then stops. */
  async stop(patience: number): Promise<void> {
    const { broker, log } = this.parts;
    const deadline = performance.now() + patience;
    let left: number;
    for (;;) {
      // Listened for before it is asked how many are left: the last one may go meanwhile, and no other comes after it.
      const published = new Promise<void>((resolve) => {
        this.idle = resolve;
      });
      left = await this.waiting();
      if (left === 0 || !broker.connected || performance.now() >= deadline) break;
      await within(deadline - performance.now(), published);
    }
    if (left > 0) log.warn({ waiting: left }, 'announcements wait in Redis for the next start');
    this.stopped.abort();
    // Without a broker the publish under way never ends; its announcement is still in the outbox.
    if (broker.connected) await within(answerPatience, this.running ?? Promise.resolve());
  }

  /**
   * Publishes an announcement that could not be kept in Redis; if the broker is away too, it is only logged. It does not
   * wait for the broker: one that goes away in this moment would hold up the camera until its return.
   */
  publishDirectly(announcement: Announcement): void {
    const { broker, topics, log } = this.parts;
    if (!broker.connected) return;
    broker
      .publish(topics.event(announcement.camera), JSON.stringify(announcement), { qos: 1 })
      .catch((error: unknown) => log.error({ event: announcement.event }, `not announced: ${messageOf(error)}`));
  }

  /** How many announcements wait in the outbox; 0 if Redis can't tell. */
  private async waiting(): Promise<number> {
    const { store } = this.parts;
    if (store.connection.state !== 'ready') return 0;
    return (
      (await within(
        answerPatience,
        store.waiting().catch(() => 0),
      )) ?? 0
    );
  }

  private async run(): Promise<void> {
    const { store } = this.parts;
    for await (const entry of store.outbox(this.stopped.signal)) {
      if (entry.type !== 'announcement') continue;
      await this.publish(entry.announcement);
      await this.acknowledge(entry.id);
    }
  }

  private async publish(announcement: Announcement): Promise<void> {
    const { broker, topics, log } = this.parts;
    try {
      await broker.publish(topics.event(announcement.camera), JSON.stringify(announcement), { qos: 1 });
      if (announcement.event === 'captured') await this.publishLatest(announcement);
    } catch (error) {
      // Only a message that no attempt will ever get through ends here. To keep it would block all behind it.
      log.error({ event: announcement.event, camera: announcement.camera }, `not announced: ${messageOf(error)}`);
    }
  }

  private async publishLatest(announcement: CapturedAnnouncement): Promise<void> {
    const { broker, topics, store, log } = this.parts;
    const left =
      announcement.timestamp_ms + (announcement.ttl ?? 0) * 1000 - Date.now() - store.connection.clockCorrection;
    if (left <= 0) return;
    await broker.publish(topics.latest(announcement.camera), JSON.stringify(announcement), {
      qos: 1,
      retain: true,
      properties: { messageExpiryInterval: Math.ceil(left / 1000) },
    });
    const found = await store.thumbnail(announcement.id).catch(() => null);
    if (!found?.thumbnail || found.thumbnail.length > largestThumbnail) return;
    // Not waited for: if the connection is lost on the way, MQTT.js never tells what became of a QoS 0 message.
    broker
      .publish(topics.thumbnail(announcement.camera), found.thumbnail, { qos: 0, retain: true })
      .catch((error: unknown) => log.error({ camera: announcement.camera }, `no thumbnail: ${messageOf(error)}`));
  }

  /**
   * Does not go on to the next one before this one is out of the outbox: whatever was published and still lies there is
   * repeated after a crash, so it must never be more than one.
   */
  private async acknowledge(entryId: string): Promise<void> {
    const { store, log } = this.parts;
    const { signal } = this.stopped;
    for (let complaint = ''; !signal.aborted; ) {
      try {
        await store.acknowledge(entryId);
        break;
      } catch (error) {
        if (!(error instanceof LuxcamError)) throw error;
        if (error.message !== complaint) log.warn(`an announcement stays in the outbox: ${error.message}`);
        complaint = error.message;
        await setTimeout(retryPause, undefined, { signal }).catch(() => undefined);
        await store.connection.ready(signal).catch(() => undefined);
      }
    }
    this.idle?.();
  }
}
