import { announcementSchema, parseJson } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import type { StreamEntry } from '../core/stream-follower';

/** Who has missed more than this many events, or bytes of them, is better off reading the images anew. */
const mostMissed = 500;
const mostBytes = 512 * 1024;

/** The newest entry of the change feed: `0-0` if there is none. */
export async function newestEventId({ connection }: RedisImageStore): Promise<string> {
  try {
    const newest = await connection.run((client) => client.xRevRange(connection.keys.events(), '+', '-', { COUNT: 1 }));
    return newest?.[0]?.id ?? '0-0';
  } catch (error) {
    throw connection.unavailable('The events can not be read', error);
  }
}

/**
 * The events after an entry, in one round trip. Returns null where they are too many, or where it can't be told what
 * is missing, because that entry was trimmed away or never was.
 */
export async function eventsSince({ connection }: RedisImageStore, since: string): Promise<StreamEntry[] | null> {
  if (!/^\d{1,15}-\d{1,15}$/.test(since)) return null;
  try {
    // The entry itself is read too: that it is still there shows that nothing after it is missing.
    const range = { COUNT: mostMissed + 2 };
    const entries =
      (await connection.run((client) => client.xRange(connection.keys.events(), since, '+', range))) ?? [];
    const missed = entries.filter((entry) => entry.id !== since);
    const complete = missed.length < entries.length || since === '0-0';
    const bytes = missed.reduce((sum, entry) => sum + (entry.message.event?.length ?? 0), 0);
    if (!complete || missed.length > mostMissed || bytes > mostBytes) return null;
    return missed.flatMap((entry) => readEntry(entry.id, entry.message.event));
  } catch (error) {
    throw connection.unavailable('The events can not be read', error);
  }
}

/** Nothing for an entry that can't be read: somebody else wrote it. */
function readEntry(id: string, text: unknown): StreamEntry[] {
  try {
    return [{ type: 'announcement', id, announcement: parseJson(announcementSchema, String(text)) }];
  } catch {
    return [];
  }
}
