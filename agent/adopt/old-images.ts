import { setTimeout } from 'node:timers/promises';
import { RESP_TYPES } from 'redis';
import type { Meta } from '../../core/image';
import { largestMeta } from '../../core/image-changes';
import { largestImage } from '../../core/image-format';
import { LuxcamError } from '../../core/luxcam-error';
import type { RedisConnection } from '../../core/redis-connection';
import { type LayoutName, type OldKey, readOldKey } from './old-layouts';

/** How many keys Redis looks at in one step: about half a millisecond of its time. */
const keysAtOnce = 1000;

/** Redis needs up to a quarter more than a value's bytes, and a little for its name and fields. */
const largestInMemory = largestImage * 1.25 + 64 * 1024;

/** A text of this many bytes still goes into an image's meta, which every list carries. */
const longestExtra = 1024;

/** An image of an older program. */
export interface OldImage {
  bytes: Buffer;
  /** Unix milliseconds by this machine's clock; null if it never expires. */
  expiresAt: number | null;
  lux?: number;
  /** What else its hash holds. */
  meta: Meta;
}

export interface OldImagesParts {
  connection: RedisConnection;
  layouts: readonly LayoutName[];
  /** What goes before luxcam's own keys there. */
  ownPrefix: string;
}

/** The images of older programs in a Redis. */
export class OldImages {
  private readonly parts: OldImagesParts;

  constructor(parts: OldImagesParts) {
    this.parts = parts;
  }

  /** All keys of theirs, some hundred at a time. */
  async *keys(): AsyncGenerator<OldKey[]> {
    const { connection, layouts, ownPrefix } = this.parts;
    const isWanted = ({ layout }: OldKey) => layouts.includes(layout);
    let cursor = '0';
    let before = new Set<string>();
    do {
      const reply = await this.asked(connection.client.scan(cursor, { COUNT: keysAtOnce }));
      cursor = reply.cursor;
      // When Redis' table of keys shrinks, what it has just told comes again.
      const keys = new Set(reply.keys.filter((key) => !before.has(key)));
      before = new Set(reply.keys);
      const found = [...keys].flatMap((key) => readOldKey(key, ownPrefix) ?? []).filter(isWanted);
      if (found.length > 0) yield found;
    } while (cursor !== '0');
  }

  /**
   * Reads an image; null if it has expired meanwhile. Throws a LuxcamError `invalid_request` that says why where the key
   * holds something else, or too much, and `store_unavailable` if Redis does not answer or refuses.
   */
  async read({ key, layout, capturedAt }: OldKey): Promise<OldImage | null> {
    const { client, clockOffset } = this.parts.connection;
    if (key.includes('\uFFFD')) throw leftOut('its name is no UTF-8 text');
    const facts = Promise.all([client.type(key), client.memoryUsage(key, { SAMPLES: 0 }), client.pTTL(key)]);
    const [type, size, left] = await this.asked(facts);
    if (size === null || left === -2) return null;
    if (type !== 'string' && (type !== 'hash' || layout !== 'redis-pi-camera'))
      throw leftOut(`it holds a ${type} and no image`);
    if (size > largestInMemory) throw leftOut(tooLarge);
    // redis-pi-camera sets the expiry by a command of its own, so a new image may lack it for a moment.
    const unfinished = left === -1 && type === 'hash' && Math.abs(Date.now() + clockOffset - capturedAt) < 60_000;
    if (unfinished) await setTimeout(500);
    const final = unfinished ? await this.asked(client.pTTL(key)) : left;
    const expiresAt = final === -1 ? null : Date.now() + final;
    const fields = await this.fields(key, type);
    if (fields === null) return null;
    const { image_data: bytes, lux, timestamp: _time, mime_type: _type, ...others } = fields;
    if (bytes === undefined) throw leftOut('its hash has no image_data');
    if (bytes.length > largestImage) throw leftOut(tooLarge);
    return { bytes, expiresAt, lux: readLux(lux), meta: readExtras(others) };
  }

  async delete(key: string): Promise<void> {
    await this.asked(this.parts.connection.client.unlink(key));
  }

  private async fields(key: string, type: 'string' | 'hash'): Promise<Record<string, Buffer | undefined> | null> {
    const client = this.parts.connection.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    if (type === 'hash') {
      const fields = await this.asked(client.hGetAll(key));
      return Object.keys(fields).length === 0 ? null : fields;
    }
    const bytes = await this.asked(client.get(key));
    return bytes && { image_data: bytes };
  }

  private async asked<T>(reply: Promise<T>): Promise<T> {
    try {
      return await reply;
    } catch (error) {
      throw this.parts.connection.unavailable('The old images can not be read', error);
    }
  }
}

const tooLarge = `it has more than ${largestImage / 1024 / 1024} MB`;

function leftOut(why: string): LuxcamError {
  return new LuxcamError('invalid_request', why);
}

function readLux(value: Buffer | undefined): number | undefined {
  const lux = Number(value?.toString() || Number.NaN);
  return Number.isFinite(lux) && lux >= 0 ? lux : undefined;
}

/** Fields that people have added to redis-pi-camera's four, if they are short texts, as many as an image's meta may hold. */
function readExtras(fields: Record<string, Buffer | undefined>): Meta {
  const extras: [string, string][] = [];
  // The two braces, less the comma that the last field has not.
  let size = 1;
  for (const [name, value] of Object.entries(fields)) {
    const text = value?.toString() ?? '';
    if (text.length > longestExtra || text.includes('\uFFFD')) continue;
    size += Buffer.byteLength(JSON.stringify({ [name]: text })) - 1;
    if (size > largestMeta) break;
    extras.push([name, text]);
  }
  return Object.fromEntries(extras);
}
