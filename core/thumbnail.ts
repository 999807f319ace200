import { readExif } from './exif';
import { looksLikeJpeg, readJpeg } from './jpeg';
import { LuxcamError } from './luxcam-error';

/** The longer side of a thumbnail has at most so many pixels. */
export const thumbnailSide = 320;

/** How much the shapes of picture and thumbnail may differ: thumbnails are rounded to whole pixels. */
const shapeTolerance = 0.05;

/**
 * A JPEG of at most {@link thumbnailSide} pixels on its longer side, upright: the EXIF thumbnail where the camera wrote a
 * usable one, else one that `sharp` makes. Undefined where sharp (an optional dependency) is not installed, or can't
 * read the image: a picture without a thumbnail is still worth storing, so this never throws.
 */
export async function makeThumbnail(bytes: Buffer): Promise<Buffer | undefined> {
  return exifThumbnail(bytes) ?? (await sharpThumbnail(bytes));
}

/**
 * The thumbnail in a JPEG's EXIF data, if it can be shown as it is. Not used are: one of a turned picture (some cameras
 * turn the thumbnail too, others don't), a larger one, one that is no whole JPEG, and one of another shape than
 * the picture (many cameras write 4:3 with black bars, or squeezed). Undefined also for anything but a JPEG.
 */
export function exifThumbnail(jpeg: Buffer): Buffer | undefined {
  const picture = wholeJpeg(jpeg);
  if (picture?.exif === undefined) return undefined;
  const { orientation, thumbnail } = readExif(picture.exif);
  if (orientation !== 1 || thumbnail === undefined) return undefined;
  const small = wholeJpeg(thumbnail);
  if (small === undefined || Math.max(small.width, small.height) > thumbnailSide) return undefined;
  const shape = small.width / small.height / (picture.width / picture.height);
  return Math.abs(shape - 1) <= shapeTolerance ? thumbnail : undefined;
}

function wholeJpeg(bytes: Buffer) {
  try {
    return looksLikeJpeg(bytes) ? readJpeg(bytes) : undefined;
  } catch (error) {
    if (error instanceof LuxcamError) return undefined;
    throw error;
  }
}

async function sharpThumbnail(bytes: Buffer): Promise<Buffer | undefined> {
  try {
    const { default: sharp } = await import('sharp');
    // sharp decodes a JPEG at the smallest scale that suffices, so that 20 megapixels cost little, and refuses more
    // than 268 megapixels. A picture with small flaws still gets its thumbnail, a truncated one doesn't.
    return await sharp(bytes, { failOn: 'error' })
      .autoOrient()
      .resize({ width: thumbnailSide, height: thumbnailSide, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .jpeg({ quality: 75 })
      .toBuffer();
  } catch {
    return undefined;
  }
}
