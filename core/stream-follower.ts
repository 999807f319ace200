import { z } from 'zod';
import { type Announcement, announcementSchema, parseJson } from './messages';
import { readOverOwnConnection } from './own-connection';
import type { RedisClient, RedisConnection } from './redis-connection';

/** One entry of a stream: an announcement, or `reset` where entries before it are missing. */
export type StreamEntry =
  | { type: 'announcement'; id: string; announcement: Announcement }
  | { type: 'reset'; id: string };

/** How long one read waits for new entries: shorter than the socket's time-out, which tells a hung Redis. */
const waitMilliseconds = 4000;

const entriesSchema = z.array(z.object({ id: z.string(), message: z.record(z.string(), z.string()) }));
const replySchema = z.array(z.object({ messages: entriesSchema })).nullable();

export interface StreamToFollow {
  connection: RedisConnection;
  key: string;
  /** The entry after which to begin; `$`: from now on. */
  since: string;
  signal: AbortSignal;
  /** Whether to look for entries that were missed, and to say `reset` where there are some. */
  resets: boolean;
}

/**
 * Follows a stream of announcements over a connection of its own. It goes on where it was after a lost connection,
 * and ends when the signal aborts. An entry that can't be read is passed over.
 */
export function followStream({ connection, key, since, signal, resets }: StreamToFollow): AsyncGenerator<StreamEntry> {
  let last = since;
  async function* read(client: RedisClient): AsyncGenerator<StreamEntry> {
    if (last === '$') last = await newestEntry(client, key);
    else if (resets && !(await reaches(client, key, last))) {
      last = await newestEntry(client, key);
      yield { type: 'reset', id: last };
    }
    while (!signal.aborted) {
      const reply = await client.xRead({ key, id: last }, { BLOCK: waitMilliseconds, COUNT: 100 });
      for (const entry of replySchema.parse(reply)?.flatMap((stream) => stream.messages) ?? []) {
        last = entry.id;
        const announcement = readAnnouncement(entry.message.event);
        if (announcement !== undefined) yield { type: 'announcement', id: entry.id, announcement };
      }
    }
  }
  const refusal = (error: unknown) => (error instanceof z.ZodError ? error : undefined);
  return readOverOwnConnection(connection, signal, read, refusal);
}

/** Whether nothing after the entry is missing: it is still there, or the follower begins at the beginning. */
async function reaches(client: RedisClient, key: string, entry: string): Promise<boolean> {
  return entry === '0-0' || entriesSchema.parse(await client.xRange(key, entry, entry)).length > 0;
}

async function newestEntry(client: RedisClient, key: string): Promise<string> {
  const newest = entriesSchema.parse(await client.xRevRange(key, '+', '-', { COUNT: 1 }));
  return newest[0]?.id ?? '0-0';
}

function readAnnouncement(text: string | undefined): Announcement | undefined {
  try {
    return parseJson(announcementSchema, text ?? '');
  } catch {
    return undefined;
  }
}
