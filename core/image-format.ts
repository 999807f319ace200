import { readExif } from './exif';
import { looksLikeJpeg, readJpeg } from './jpeg';
import { LuxcamError } from './luxcam-error';

/** A camera that sends more bytes than this for one image is not believed. */
export const largestImage = 32 * 1024 * 1024;

/** What the bytes of an image say of it. */
export interface ImageFormat {
  mimeType: string;
  /** In pixels, as shown: a JPEG's EXIF orientation is taken into account. Absent if the headers don't tell. */
  width?: number;
  height?: number;
}

/**
 * Recognises a JPEG, PNG, WebP, GIF or AVIF by its bytes; names and declared types are not asked.
 * Throws a LuxcamError `invalid_request` if they are no such image, or a truncated or damaged one.
 */
export function readImage(bytes: Buffer): ImageFormat {
  if (looksLikeJpeg(bytes)) return readJpegFormat(bytes);
  if (bytes.subarray(0, 8).equals(pngSignature)) return readPng(bytes);
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP') return readWebp(bytes);
  if (['GIF87a', 'GIF89a'].includes(text(bytes, 0, 6))) return readGif(bytes);
  if (isAvif(bytes)) return { mimeType: 'image/avif' };
  throw new LuxcamError('invalid_request', `${describe(bytes)}: luxcam takes JPEG, PNG, WebP, GIF and AVIF.`);
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function readJpegFormat(bytes: Buffer): ImageFormat {
  const { width, height, exif } = readJpeg(bytes);
  const lying = exif !== undefined && readExif(exif).orientation >= 5;
  return { mimeType: 'image/jpeg', width: lying ? height : width, height: lying ? width : height };
}

function readPng(bytes: Buffer): ImageFormat {
  if (bytes.length < 24 || !bytes.includes('IEND')) throw truncated('PNG', bytes);
  return { mimeType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function readGif(bytes: Buffer): ImageFormat {
  if (bytes.length < 13) throw truncated('GIF', bytes);
  return { mimeType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** WebP has three kinds of first chunk, each with a place of its own for the size (RFC 9649). */
function readWebp(bytes: Buffer): ImageFormat {
  if (bytes.length < 30 || bytes.length < bytes.readUInt32LE(4) + 8) throw truncated('WebP', bytes);
  const mimeType = 'image/webp';
  switch (text(bytes, 12, 16)) {
    case 'VP8X':
      return { mimeType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const packed = bytes.readUInt32LE(21);
      return { mimeType, width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { mimeType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return { mimeType };
  }
}

/** An ISO media file whose first box names AVIF among its brands. Its size lies too deep to be looked for. */
function isAvif(bytes: Buffer): boolean {
  if (text(bytes, 4, 8) !== 'ftyp') return false;
  const brands = text(bytes, 8, Math.min(bytes.readUInt32BE(0), 256));
  return brands.includes('avif') || brands.includes('avis');
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

function describe(bytes: Buffer): string {
  if (bytes.length === 0) return 'there are no bytes where an image should be';
  const readable = /^[\t\r\n\x20-\x7e]+$/.test(text(bytes, 0, 64));
  return `these ${bytes.length} bytes are ${readable ? 'text and ' : ''}no image`;
}

function truncated(kind: string, bytes: Buffer): LuxcamError {
  return new LuxcamError(
    'invalid_request',
    `the ${kind} is truncated: it breaks off after ${bytes.length} bytes, before its end. Take or send it again.`,
  );
}
