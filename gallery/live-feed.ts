import type { Announcement } from '../core/messages';
import type { ConnectionState } from '../core/redis-connection';
import type { StreamEntry } from '../core/stream-follower';
import { eventsSince, newestEventId } from './event-history';
import { type Gallery, reportProblem } from './gallery';
import { imageAddresses } from './image-json';

/** Something that happened. `data` is JSON, made once for all who are told. */
export interface LiveEvent {
  /** Where it stands in Redis' `events` stream; null for what is no entry there. */
  id: string | null;
  event: Announcement['event'] | 'availability' | 'unavailable' | 'reset';
  data: string;
}

/** Somebody who is told what happens. */
export interface LiveListener {
  /** Comes first: where in the stream the telling begins. */
  begin(id: string): void;
  tell(event: LiveEvent): void;
  /** Nothing more will be told. */
  end(): void;
}

interface Follower {
  listener: LiveListener;
  /** The last entry told; null until it is known where to begin. What happens until then waits. */
  position: string | null;
  waiting: LiveEvent[];
}

/** One run of the feed, from its first follower to its last. */
interface Run {
  abort: AbortController;
  /** The last entry read from Redis. Rejects if Redis could not be asked where the stream stands. */
  ready: Promise<void>;
  position: string;
  /** Ends the telling of what is no entry of the stream. */
  stopWatching: () => void;
}

const feeds = new WeakMap<Gallery, LiveFeed>();

/**
 * What happens in a gallery, told to everybody who looks at it: one follower of Redis' change feed for all of them,
 * which runs only while somebody is there.
 */
export class LiveFeed {
  private readonly gallery: Gallery;
  private readonly followers = new Set<Follower>();
  private run: Run | undefined;

  private constructor(gallery: Gallery) {
    this.gallery = gallery;
  }

  /** The one feed of a gallery. */
  static of(gallery: Gallery): LiveFeed {
    const feed = feeds.get(gallery) ?? new LiveFeed(gallery);
    feeds.set(gallery, feed);
    return feed;
  }

  /**
   * Tells a listener what happens from now on, and first what it has missed since the entry `since`: or a `reset`,
   * where that is too much or no longer known. Returns the function that ends it.
   * Throws a LuxcamError `store_unavailable` if Redis is away.
   */
  async follow(listener: LiveListener, since?: string): Promise<() => void> {
    const follower: Follower = { listener, position: null, waiting: [] };
    this.followers.add(follower);
    this.run ??= this.startRun();
    const run = this.run;
    try {
      // The run has to know its beginning before we look back: so nothing can lie between the two.
      await run.ready;
      const missed = since === undefined ? [] : await eventsSince(this.gallery.store, since);
      begin(follower, since ?? run.position, missed?.map(toLiveEvent) ?? [reset(run.position)]);
    } catch (error) {
      this.leave(follower);
      throw error;
    }
    return () => this.leave(follower);
  }

  /** Ends the feed for all who follow it, for example because its gallery is no more. */
  stop(): void {
    for (const follower of [...this.followers]) {
      this.leave(follower);
      follower.listener.end();
    }
  }

  private leave(follower: Follower): void {
    this.followers.delete(follower);
    if (this.followers.size > 0) return;
    this.run?.abort.abort();
    this.run?.stopWatching();
    this.run = undefined;
  }

  private startRun(): Run {
    const stopAvailability = this.gallery.control?.onAvailability((camera, available) =>
      this.tell({ id: null, event: 'availability', data: JSON.stringify({ camera, available }) }),
    );
    const stopConnection = this.watchConnection();
    const run: Run = {
      abort: new AbortController(),
      ready: Promise.resolve(),
      position: '',
      stopWatching: () => {
        stopAvailability?.();
        stopConnection();
      },
    };
    run.ready = this.followStream(run);
    return run;
  }

  /** Tells that Redis has gone away, which nothing in its stream can. Returns the function that ends it. */
  private watchConnection(): () => void {
    const { connection } = this.gallery.store;
    let stood = connection.state === 'ready';
    const changed = (state: ConnectionState) => {
      if (stood && state !== 'ready') this.tell({ id: null, event: 'unavailable', data: '{}' });
      stood = state === 'ready';
    };
    connection.on('state', changed);
    return () => connection.off('state', changed);
  }

  /** Resolves as soon as the run knows where in the stream it begins. */
  private async followStream(run: Run): Promise<void> {
    run.position = await newestEventId(this.gallery.store);
    this.tellEntries(run).catch((error: unknown) => {
      reportProblem(this.gallery, error);
      this.stop();
    });
  }

  private async tellEntries(run: Run): Promise<void> {
    const { signal } = run.abort;
    for await (const entry of this.gallery.store.events(run.position, signal)) {
      if (signal.aborted) return;
      run.position = entry.id;
      this.tell(toLiveEvent(entry));
    }
  }

  private tell(event: LiveEvent): void {
    for (const follower of this.followers) {
      if (follower.position === null) follower.waiting.push(event);
      else pass(follower, event);
    }
  }
}

function begin(follower: Follower, position: string, missed: readonly LiveEvent[]): void {
  follower.position = position;
  follower.listener.begin(position);
  for (const event of [...missed, ...follower.waiting.splice(0)]) pass(follower, event);
}

/** Passes an event on, unless it was told already. */
function pass(follower: Follower, event: LiveEvent): void {
  if (event.id !== null) {
    const known = follower.position !== null && !isAfter(event.id, follower.position);
    if (known && event.event !== 'reset') return;
    follower.position = event.id;
  }
  follower.listener.tell(event);
}

/** Whether a stream id `<ms>-<number>` is later than another. */
function isAfter(id: string, other: string): boolean {
  const [time = 0, number = 0] = id.split('-').map(Number);
  const [otherTime = 0, otherNumber = 0] = other.split('-').map(Number);
  return time > otherTime || (time === otherTime && number > otherNumber);
}

function reset(id: string): LiveEvent {
  return { id, event: 'reset', data: '{}' };
}

function toLiveEvent(entry: StreamEntry): LiveEvent {
  if (entry.type === 'reset') return reset(entry.id);
  const { id, announcement } = entry;
  const addresses = 'id' in announcement ? imageAddresses(announcement.id) : {};
  return { id, event: announcement.event, data: JSON.stringify({ ...announcement, ...addresses }) };
}
