import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { readImage } from '../../core/image-format';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';

/** How a camera that shows the pictures of a folder is configured. */
export const folderSettings = z.strictObject({
  type: z.literal('folder'),
  path: z.string().min(1),
});
export type FolderSettings = z.infer<typeof folderSettings>;

/**
 * A camera that hands out the JPEGs (`.jpg`, `.jpeg`) of a folder in turn, sorted by name, and begins anew after the last
 * one, with the files that are there then. Other files are passed over.
 */
export class FolderCamera implements Camera {
  private readonly name: string;
  private readonly settings: FolderSettings;
  /** The names still to be handed out in this round. Live frames go round by themselves, so that captures miss none. */
  private readonly rounds: { captures: string[]; live: string[] } = { captures: [], live: [] };

  constructor({ name, settings }: { name: string; settings: FolderSettings; log: Logger }) {
    this.name = name;
    this.settings = settings;
  }

  /** Throws if the folder can't be read. It may be empty still. */
  async start(): Promise<void> {
    this.rounds.captures = await this.list();
  }

  /** Hands out the next picture, stamped with the present time. A broken one fails this capture, not the next. */
  capture(signal: AbortSignal): Promise<Frame> {
    return this.take('captures', signal);
  }

  frame(signal: AbortSignal): Promise<Frame> {
    return this.take('live', signal);
  }

  async stop(): Promise<void> {
    this.rounds.captures = [];
    this.rounds.live = [];
  }

  private async take(round: 'captures' | 'live', signal: AbortSignal): Promise<Frame> {
    signal.throwIfAborted();
    if (this.rounds[round].length === 0) this.rounds[round] = await this.list();
    const name = this.rounds[round].shift();
    if (name === undefined) throw this.failed('holds no JPEG (.jpg, .jpeg). Put pictures into it.');
    try {
      const jpeg = await readFile(path.join(this.settings.path, name), { signal });
      const { mimeType } = readImage(jpeg);
      if (mimeType !== 'image/jpeg') throw new Error(`it is no JPEG but ${mimeType}, rename it`);
      return { jpeg, capturedAt: Date.now(), metadata: { file: name } };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw this.failed(`has a picture that can't be used, ${name}: ${messageOf(error)}`, error);
    }
  }

  private async list(): Promise<string[]> {
    try {
      const entries = await readdir(this.settings.path, { withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory() && /^[^.].*\.jpe?g$/i.test(entry.name))
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      throw this.failed(`can't be read: ${messageOf(error)}. Check its path and who may read it.`, error);
    }
  }

  private failed(what: string, cause?: unknown): LuxcamError {
    return new LuxcamError('camera_failed', `camera ${this.name}: the folder ${this.settings.path} ${what}`, { cause });
  }
}
