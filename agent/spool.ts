import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { cameraNameSchema, metaSchema, type NewImage, triggerNames } from '../core/image';
import { messageOf } from '../core/luxcam-error';
import { burstPositionSchema, parseJson } from '../core/messages';
import { type ClockReading, clockReadingSchema } from './clock';

/** An image that waits on disk until Redis takes it. */
export interface SpooledImage {
  image: NewImage;
  /** The clocks at the time of its capture, as far as they are needed to correct a wrong one. */
  clock: ClockReading;
}

export interface SpoolSettings {
  /** The folder. */
  path: string;
  /** In bytes. */
  maxSize: number;
}

interface SpoolFile {
  name: string;
  size: number;
}

/** The first line of a file: all of an image but its bytes. The thumbnail and then the bytes follow it. */
const headerSchema = z.object({
  camera: cameraNameSchema,
  agent: z.string(),
  mimeType: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  sha256: z.string(),
  capturedAt: z.number(),
  ttl: z.number(),
  lux: z.number().optional(),
  trigger: z.enum(triggerNames),
  triggerSource: z.string(),
  meta: metaSchema,
  transaction: z.string().nullable(),
  burst: burstPositionSchema.optional(),
  clock: clockReadingSchema,
  thumbnailSize: z.number().int().min(0),
  size: z.number().int().min(0),
});

const ending = '.image';
const damagedEnding = '.damaged';

/**
 * One camera's images on disk while Redis is away, oldest first. A file appears whole or not at all: it is written
 * under another name, flushed to the disk, and then renamed. When there is no room, the oldest image goes first.
 */
export class Spool {
  /** How many images were dropped for want of room since the start. */
  dropped = 0;
  private readonly folder: string;
  private readonly maxSize: number;
  private readonly log: Logger;
  private files: SpoolFile[] = [];

  constructor(camera: string, settings: SpoolSettings, log: Logger) {
    this.folder = path.join(settings.path, camera);
    this.maxSize = settings.maxSize;
    this.log = log;
  }

  /** How many images wait. */
  get count(): number {
    return this.files.length;
  }

  /** How many bytes they take. */
  get size(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  /** Makes the folder and takes up what an earlier run has left in it. Throws an error in words if it can't be used. */
  async open(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const names = (await readdir(this.folder)).sort();
      // What a crash has left half written was never promised to anybody.
      for (const name of names.filter((each) => !each.endsWith(ending) && !each.endsWith(damagedEnding)))
        await rm(path.join(this.folder, name), { force: true });
      this.files = await Promise.all(names.filter((name) => name.endsWith(ending)).map((name) => this.measure(name)));
    } catch (error) {
      const remedy = 'give the agent a folder that it may write to as agent.spool.path';
      throw new Error(`the spool ${this.folder} can't be used (${messageOf(error)}): ${remedy}`, { cause: error });
    }
  }

  /** Keeps an image. When this resolves it is on the disk. Throws an error in words if the disk does not take it. */
  async add({ image, clock }: SpooledImage): Promise<void> {
    const { bytes, thumbnail, replayed: _, ...rest } = image;
    const header = { ...rest, clock, thumbnailSize: thumbnail?.length ?? 0, size: bytes.length };
    const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), thumbnail ?? Buffer.alloc(0), bytes]);
    while (this.files.length > 0 && this.size + content.length > this.maxSize)
      await this.dropOldest('the spool is full');
    for (;;) {
      try {
        await this.write(content);
        return;
      } catch (error) {
        const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
        if (full && this.files.length > 0) await this.dropOldest('the disk is full');
        else throw new Error(`the spool ${this.folder} can't be written: ${messageOf(error)}`, { cause: error });
      }
    }
  }

  /**
   * The oldest image; null if none waits. A damaged file is set aside, so that it blocks nothing behind it, and logged.
   */
  async oldest(): Promise<(SpooledImage & { file: string }) | null> {
    for (let file = this.files[0]; file !== undefined; file = this.files[0]) {
      const place = path.join(this.folder, file.name);
      try {
        return { ...decode(await readFile(place)), file: file.name };
      } catch (error) {
        this.forget(file.name);
        await rename(place, place.replace(ending, damagedEnding)).catch(() => undefined);
        this.log.error({ file: place }, `a spooled image is damaged and was set aside: ${messageOf(error)}`);
      }
    }
    return null;
  }

  /** Forgets an image, which is in Redis now or has expired. */
  async remove(file: string): Promise<void> {
    this.forget(file);
    await rm(path.join(this.folder, file), { force: true });
  }

  private forget(file: string): void {
    this.files = this.files.filter(({ name }) => name !== file);
  }

  private async measure(name: string): Promise<SpoolFile> {
    return { name, size: (await stat(path.join(this.folder, name))).size };
  }

  private async dropOldest(why: string): Promise<void> {
    const [oldest] = this.files;
    if (oldest === undefined) return;
    await this.remove(oldest.name);
    this.dropped += 1;
    this.log.warn({ dropped: this.dropped }, `${why}: the oldest image in it was dropped`);
  }

  private async write(content: Buffer): Promise<void> {
    // Counted, because by time the order would be lost when the clock is set back.
    const name = `${`${Number.parseInt(this.files.at(-1)?.name ?? '0', 10) + 1}`.padStart(12, '0')}${ending}`;
    const place = path.join(this.folder, name);
    const partial = `${place}.partial`;
    const file = await open(partial, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await rename(partial, place);
    await syncFolder(this.folder);
    this.files.push({ name, size: content.length });
  }
}

function decode(content: Buffer): SpooledImage {
  const end = content.indexOf('\n');
  if (end < 0) throw new Error('it has no header');
  const { clock, thumbnailSize, size, ...rest } = parseJson(headerSchema, content.subarray(0, end).toString());
  const thumbnail = content.subarray(end + 1, end + 1 + thumbnailSize);
  const bytes = content.subarray(end + 1 + thumbnailSize);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== size || sha256 !== rest.sha256) throw new Error('its bytes are not those that were written');
  return { image: { ...rest, bytes, ...(thumbnailSize > 0 && { thumbnail }), replayed: true }, clock };
}

/** A new name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
