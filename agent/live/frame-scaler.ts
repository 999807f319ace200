import type { Logger } from 'pino';
import type Sharp from 'sharp';
import { looksLikeJpeg, readJpeg } from '../../core/jpeg';
import { LuxcamError, messageOf } from '../../core/luxcam-error';

/** Good enough to look at, and half the bytes of a capture's. */
const quality = 75;

/** Makes live frames of a camera's pictures: JPEGs of at most so many pixels in width. */
export class FrameScaler {
  private readonly width: number;
  private readonly log: Logger;
  private readonly load: () => Promise<{ default: typeof Sharp }>;
  /** Null if it can't be loaded. */
  private sharp: typeof Sharp | null | undefined;

  /** `load` gets sharp, an optional dependency. Without it JPEGs stay as large as they are, and a line in the log says so. */
  constructor({
    width,
    log,
    load = () => import('sharp'),
  }: {
    width: number;
    log: Logger;
    load?: () => Promise<{ default: typeof Sharp }>;
  }) {
    this.width = width;
    this.log = log;
    this.load = load;
  }

  /** Throws a LuxcamError `camera_failed` for what can't be made a JPEG. */
  async scale(picture: Buffer): Promise<Buffer> {
    if (this.sharp === undefined) this.sharp = await this.loadSharp();
    const isJpeg = looksLikeJpeg(picture);
    if (this.sharp === null && isJpeg) return picture;
    if (this.sharp === null)
      throw new LuxcamError(
        'camera_failed',
        "the pictures are no JPEGs, and making some needs the package 'sharp': npm install sharp",
      );
    try {
      if (isJpeg && readJpeg(picture).width <= this.width) return picture;
      const frame = this.sharp(picture, { failOn: 'error' }).autoOrient();
      return await frame.resize({ width: this.width, withoutEnlargement: true }).jpeg({ quality }).toBuffer();
    } catch (cause) {
      throw new LuxcamError('camera_failed', `the camera gave no usable picture: ${messageOf(cause)}`, { cause });
    }
  }

  private async loadSharp(): Promise<typeof Sharp | null> {
    try {
      return (await this.load()).default;
    } catch (error) {
      this.log.warn(
        `live frames stay as large as the camera's pictures: the package 'sharp' can't be loaded (${messageOf(error).split('\n')[0]}). Install it: npm install sharp`,
      );
      return null;
    }
  }
}
