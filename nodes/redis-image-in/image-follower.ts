import { setTimeout } from 'node:timers/promises';
import type { TriggerName } from '../../core/image';
import type { RedisImageStore } from '../../core/redis-image-store';
import { newestEventId } from '../../gallery/event-history';

/** The last image of a camera that is known. */
interface Mark {
  /** Unix milliseconds. */
  capturedAt: number;
  /** Counts the images of a camera in the order in which they were stored. */
  sequence: number;
}

/** How far a follower has come. Whoever keeps it can go on from there. */
export interface Progress {
  /** The last entry of the change feed that was dealt with; null before the first. */
  position: string | null;
  /** Of each camera. */
  marks: Map<string, Mark>;
  /** The ids of the images told last: a capture that was stored twice is told once. */
  told: Set<string>;
}

/** What a follower looks out for. What is absent does not narrow it. */
export interface Interest {
  camera?: string;
  trigger?: TriggerName;
}

/** More repeats than an agent can make in the time that Redis needs to come back. */
const toldKept = 10_000;

const pageSize = 200;

/** How far somebody has come who begins now. */
export function freshProgress(): Progress {
  return { position: null, marks: new Map(), told: new Set() };
}

export interface ImageFollowerParts {
  store: RedisImageStore;
  interest: Interest;
  progress: Progress;
  /** Is called once it is known where to begin: no image is missed from then on. */
  onBegin: () => void;
  /** Deals with one image; the next one waits until it has. Must not reject, and return early when the signal aborts. */
  onImage: (id: string) => Promise<void>;
}

/** Tells each new image once, in the order in which they were stored, through lost connections and a trimmed feed. */
export class ImageFollower {
  private readonly parts: ImageFollowerParts;

  constructor(parts: ImageFollowerParts) {
    this.parts = parts;
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, progress, onBegin } = this.parts;
    if (progress.position === null) await this.retry(signal, () => this.beginHere());
    if (signal.aborted) return;
    onBegin();
    for await (const entry of store.events(progress.position ?? '$', signal)) {
      if (signal.aborted) return;
      if (entry.type === 'reset') await this.retry(signal, () => this.catchUp(signal));
      else if (entry.announcement.event === 'captured') {
        const { id, camera, trigger, timestamp_ms: capturedAt, sequence } = entry.announcement;
        await this.tell({ id, camera, trigger, capturedAt, sequence }, signal);
      }
      if (signal.aborted) return;
      progress.position = entry.id;
    }
  }

  /** Notes where each camera stands, so that a later look at the index can tell old images from new ones. */
  private async beginHere(): Promise<void> {
    const { store, progress } = this.parts;
    const position = await newestEventId(store);
    for (const camera of await store.cameras()) {
      const { images } = await store.list({ cameras: [camera], limit: 1, total: false });
      if (images[0] !== undefined) this.mark(camera, images[0]);
    }
    progress.position = position;
  }

  /** The feed has a gap: looks for the images that were stored meanwhile, in the index itself. */
  private async catchUp(signal: AbortSignal): Promise<void> {
    const { store, progress, interest } = this.parts;
    const marks = new Map(progress.marks);
    const missed = [];
    for (let cursor: string | undefined; !signal.aborted; ) {
      const page = await store.list({
        cameras: interest.camera ? [interest.camera] : undefined,
        limit: pageSize,
        cursor,
        total: false,
      });
      // By number too, because an image that waited on an agent's disk is older than others that came before it.
      missed.push(
        ...page.images.filter(({ camera, capturedAt, sequence, trigger }) => {
          // Those of other programs are no news: 'luxcam adopt' tells nobody of them.
          if (trigger === 'adopted') return false;
          const mark = marks.get(camera);
          return mark === undefined || sequence > mark.sequence || capturedAt > mark.capturedAt;
        }),
      );
      if (page.next === null) break;
      cursor = page.next;
    }
    for (const image of missed.reverse()) if (!signal.aborted) await this.tell(image, signal);
  }

  private async tell(
    image: Mark & { id: string; camera: string; trigger: TriggerName },
    signal: AbortSignal,
  ): Promise<void> {
    const { interest, progress, onImage } = this.parts;
    this.mark(image.camera, image);
    if (interest.camera !== undefined && image.camera !== interest.camera) return;
    if (interest.trigger !== undefined && image.trigger !== interest.trigger) return;
    if (progress.told.has(image.id)) return;
    await onImage(image.id);
    if (signal.aborted) return;
    progress.told.add(image.id);
    const [oldest] = progress.told;
    if (progress.told.size > toldKept && oldest !== undefined) progress.told.delete(oldest);
  }

  private mark(camera: string, { capturedAt, sequence }: Mark): void {
    const { marks } = this.parts.progress;
    const mark = marks.get(camera) ?? { capturedAt: 0, sequence: 0 };
    // The numbers begin anew where Redis has lost all it had: those of the newest image are the ones that count.
    if (capturedAt > mark.capturedAt) marks.set(camera, { capturedAt, sequence });
    else marks.set(camera, { ...mark, sequence: Math.max(mark.sequence, sequence) });
  }

  /** Does something that Redis may break off until it is done. */
  private async retry(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.parts.store.connection.ready(signal);
        return await step();
      } catch {
        // The connection itself tells of a lost Redis.
        await setTimeout(500, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
