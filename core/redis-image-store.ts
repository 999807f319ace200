import { RESP_TYPES } from 'redis';
import type { Meta, NewImage, StoredImage } from './image';
import { addMeta, changeExpiry, deleteImage } from './image-changes';
import { decodeDescription, describeNewImage, descriptionFields, encodeImageHash } from './image-hash';
import { addToIndexes, type Transaction } from './image-indexes';
import { type ImageQuery, listImages, type Page } from './image-list';
import { type ImageSequence, OwnedSequence, SharedSequence } from './image-sequence';
import { LuxcamError } from './luxcam-error';
import { type Announcement, capturedAnnouncement } from './messages';
import type { RedisClient, RedisConnection } from './redis-connection';
import { eventsTrim, trimScript } from './redis-scripts';
import { askedField, findReplayed } from './replayed-image';
import { followStream, type StreamEntry } from './stream-follower';

/** How many index entries one script call looks at: about a millisecond of Redis' time. */
const trimStretch = 1000;

export interface RedisImageStoreSettings {
  connection: RedisConnection;
  /** Whose outbox the announcements go to; without one nobody publishes them over MQTT. */
  outbox?: string;
  /** Whether this is the only writer of the cameras it puts images of, as an agent is. */
  ownsCameras: boolean;
}

/** The images in Redis: one hash with an expiry for each, an index for each camera, and a feed of what changes. */
export class RedisImageStore {
  readonly connection: RedisConnection;
  private readonly outboxName: string | undefined;
  private readonly sequence: ImageSequence;

  constructor({ connection, outbox, ownsCameras }: RedisImageStoreSettings) {
    this.connection = connection;
    this.outboxName = outbox;
    this.sequence = ownsCameras ? new OwnedSequence(connection) : new SharedSequence(connection);
  }

  /**
   * Stores an image in one transaction: the hash, its expiry, the index, the event and the announcement to be made.
   * Throws a LuxcamError `store_unavailable` if Redis does not answer or refuses.
   */
  async put(image: NewImage): Promise<StoredImage> {
    try {
      return await this.connection.run((client) => this.putOnce(client, image));
    } catch (error) {
      throw this.connection.unavailable(`The image of ${image.camera} could not be stored`, error);
    }
  }

  /** Tells the change feed and the outbox of something that stored no image: a failed capture. */
  async announce(announcement: Announcement): Promise<void> {
    try {
      await this.connection.run(async (client) => {
        const transaction = client.multi();
        this.addAnnouncement(transaction, JSON.stringify(announcement));
        await transaction.exec();
      });
    } catch (error) {
      throw this.connection.unavailable('The announcement could not be kept', error);
    }
  }

  /** An image's description without its bytes; null if there is none of this id (any more). */
  async describe(id: string): Promise<StoredImage | null> {
    const [image] = await this.describeAll([id]);
    return image ?? null;
  }

  /** Descriptions in the order of the ids, in one round trip; null where an image is gone. */
  async describeAll(ids: readonly string[]): Promise<(StoredImage | null)[]> {
    const { keys } = this.connection;
    const replies = await this.asked((client) =>
      Promise.all(ids.map((id) => client.hmGet(keys.image(id), [...descriptionFields]))),
    );
    return ids.map((id, at) => decodeDescription(id, keys.image(id), replies[at] ?? []));
  }

  /** An image and its bytes; null if it is gone. */
  async get(id: string): Promise<{ image: StoredImage; bytes: Buffer } | null> {
    const found = await this.read(id, 'image_data');
    return found?.bytes ? { image: found.image, bytes: found.bytes } : null;
  }

  /** An image and its thumbnail (null if none was made); null if the image is gone. */
  async thumbnail(id: string): Promise<{ image: StoredImage; thumbnail: Buffer | null } | null> {
    const found = await this.read(id, 'thumbnail_data');
    return found && { image: found.image, thumbnail: found.bytes };
  }

  /** A page of images, newest first, and how many there are in all. */
  list(query: ImageQuery): Promise<Page> {
    return this.asked(() => listImages(this, query));
  }

  /** The names of all cameras seen, in alphabetical order. */
  async cameras(): Promise<string[]> {
    const cameras = this.connection.keys.cameras();
    return (await this.asked((client) => client.sMembers(cameras))).sort();
  }

  /** Deletes an image and tells the change feed. Returns what was deleted; null if there was nothing. */
  delete(id: string): Promise<StoredImage | null> {
    return this.asked(() => deleteImage(this, id));
  }

  /** Keeps an image for ever. Returns it as it is now; null if it is gone. */
  pin(id: string): Promise<StoredImage | null> {
    return this.asked(() => changeExpiry(this, id, 'pinned', 0));
  }

  /** Lets an image expire its `ttl` from now. Returns it as it is now; null if it is gone. */
  unpin(id: string): Promise<StoredImage | null> {
    return this.asked(() => changeExpiry(this, id, 'unpinned', 1000));
  }

  /**
   * Adds to an image's meta; a name that is there already gets the new value. Its expiry stays as it is, and nothing is
   * announced. Returns the image as it is now; null if it is gone. Throws a LuxcamError `invalid_request` if the meta
   * becomes larger than 16 KB.
   */
  addMeta(id: string, meta: Meta): Promise<StoredImage | null> {
    return this.asked(() => addMeta(this, id, meta));
  }

  /**
   * The change feed from an entry on (`$`: from now), for ever, through lost connections, until the signal aborts.
   * A `reset` says that entries are missing, because the feed was trimmed or Redis lost it: read the images anew.
   */
  events(since: string, signal: AbortSignal): AsyncGenerator<StreamEntry> {
    return followStream({
      connection: this.connection,
      key: this.connection.keys.events(),
      since,
      signal,
      resets: true,
    });
  }

  /** The announcements in this store's outbox from the oldest on, for ever, until the signal aborts. */
  outbox(signal: AbortSignal): AsyncGenerator<StreamEntry> {
    // Acknowledged entries vanish from an outbox: that its last one is gone does not mean that any was missed.
    return followStream({ connection: this.connection, key: this.outboxKey(), since: '0-0', signal, resets: false });
  }

  /** Removes an announcement that the broker has acknowledged from the outbox. */
  async acknowledge(entryId: string): Promise<void> {
    await this.asked((client) => client.xDel(this.outboxKey(), entryId));
  }

  /** How many announcements wait in the outbox. */
  async waiting(): Promise<number> {
    return this.asked((client) => client.xLen(this.outboxKey()));
  }

  /** Removes the index entries of images that are gone, and of originals too. Returns how many there were. */
  async trimIndex(): Promise<number> {
    let removed = 0;
    for (const camera of await this.cameras()) {
      removed += await this.forgetOriginals(camera);
      for (let rank = 0; ; ) {
        const [seen = 0, gone = 0] = await this.trimStretch(camera, rank);
        removed += gone;
        rank += seen - gone;
        if (seen < trimStretch) break;
      }
    }
    return removed;
  }

  /** Forgets the originals of adopted images that have expired, so that this note does not outlive them. */
  private async forgetOriginals(camera: string): Promise<number> {
    const { keys, clockCorrection } = this.connection;
    const key = keys.adopted(camera);
    for (let removed = 0; ; ) {
      const now = Date.now() + clockCorrection;
      const gone = await this.asked((client) =>
        client.zRange(key, '-inf', now, { BY: 'SCORE', LIMIT: { offset: 0, count: trimStretch } }),
      );
      if (gone.length > 0) removed += await this.asked((client) => client.zRem(key, gone));
      if (gone.length < trimStretch) return removed;
    }
  }

  private async putOnce(client: RedisClient, image: NewImage): Promise<StoredImage> {
    const { keys, clockCorrection } = this.connection;
    try {
      const asked = Math.floor(image.capturedAt + clockCorrection);
      const known = image.replayed ? await findReplayed(this, image, asked) : null;
      if (known !== null) return known;
      const { id, sequence } = await this.sequence.next(image.camera, asked);
      const key = keys.image(id);
      const stored = describeNewImage(image, { id, key, sequence });
      const announcement = JSON.stringify(capturedAnnouncement(stored, image, image.replayed));
      // Relative, because our clock may differ from Redis'. PEXPIRE with 0 or less would delete the hash.
      const left = Math.max(1, Math.round(image.capturedAt + image.ttl * 1000 - Date.now()));
      const transaction = client
        .multi()
        .hSet(key, encodeImageHash(stored, image.bytes, image.thumbnail))
        .pExpire(key, left);
      addToIndexes(transaction, keys, stored);
      if (stored.capturedAt !== asked) transaction.hSet(key, askedField, `${asked}`);
      if (this.sequence.writesSequence) transaction.hSet(keys.sequences(), image.camera, `${sequence}`);
      this.addAnnouncement(transaction, announcement);
      await transaction.exec();
      this.sequence.stored(image.camera, stored);
      return stored;
    } catch (error) {
      this.sequence.failed(image.camera);
      throw error;
    }
  }

  private async trimStretch(camera: string, rank: number): Promise<number[]> {
    const reply = await this.asked((client) =>
      client.eval(trimScript, {
        keys: this.connection.keys.indexes(camera),
        arguments: [this.connection.keys.image(''), `${rank}`, `${trimStretch}`],
      }),
    );
    return Array.isArray(reply) ? reply.map(Number) : [];
  }

  private async read(id: string, field: string): Promise<{ image: StoredImage; bytes: Buffer | null } | null> {
    const key = this.connection.keys.image(id);
    const values = await this.asked((client) =>
      client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).hmGet(key, [...descriptionFields, field]),
    );
    const image = decodeDescription(id, key, values);
    return image && { image, bytes: values[descriptionFields.length] ?? null };
  }

  private addAnnouncement(transaction: Transaction, announcement: string): void {
    const { keys } = this.connection;
    transaction.xAdd(keys.events(), '*', { event: announcement }, eventsTrim);
    if (this.outboxName !== undefined) transaction.xAdd(keys.outbox(this.outboxName), '*', { event: announcement });
  }

  private outboxKey(): string {
    if (this.outboxName === undefined) throw new Error('this store was built without an outbox');
    return this.connection.keys.outbox(this.outboxName);
  }

  private async asked<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.connection.run(commands);
    } catch (error) {
      if (error instanceof LuxcamError) throw error;
      throw this.connection.unavailable('The images can not be read or changed', error);
    }
  }
}
