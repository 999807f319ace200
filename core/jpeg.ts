import { LuxcamError } from './luxcam-error';

/** What the headers of a JPEG say. */
export interface Jpeg {
  /** In pixels, as stored: before the EXIF orientation is applied. */
  width: number;
  height: number;
  /** The TIFF block of its EXIF segment. */
  exif?: Buffer;
}

const endOfImage = 0xd9;
const startOfScan = 0xda;
const numberOfLines = 0xdc;
const application1 = 0xe1;
const exifHeader = Buffer.from('Exif\0\0', 'latin1');

/** Whether the bytes begin as a JPEG does, were it cut off as early as after its start marker. */
export function looksLikeJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && (bytes.length === 2 || bytes[2] === 0xff);
}

/**
 * Walks through all segments and scans of a JPEG (baseline, progressive, grey, ...; ITU-T T.81, annex B) up to its end
 * marker; what follows that is ignored, as phones and cameras append other data. The pixels are not decoded.
 * Throws a LuxcamError `invalid_request` if it is cut off or damaged.
 */
export function readJpeg(bytes: Buffer): Jpeg {
  let size: { width: number; height: number } | undefined;
  let exif: Buffer | undefined;
  let scans = 0;
  let position = 2;
  for (;;) {
    const marker = nextMarker(bytes, position);
    if (marker === undefined) throw cutOff(bytes);
    position = marker.end;
    if (marker.code === endOfImage) break;
    if (standsAlone(marker.code)) continue;

    const segment = readSegment(bytes, position);
    position += 2 + segment.length;
    if (isFrame(marker.code)) size ??= readSize(segment);
    else if (marker.code === numberOfLines && size?.height === 0 && segment.length >= 2)
      size.height = segment.readUInt16BE(0);
    else if (marker.code === startOfScan) scans += 1;
    else if (marker.code === application1 && segment.subarray(0, exifHeader.length).equals(exifHeader))
      exif ??= segment.subarray(exifHeader.length);
  }
  if (size === undefined || size.width === 0 || size.height === 0 || scans === 0)
    throw damaged('there is no picture between its start and its end');
  return { ...size, exif };
}

/**
 * The next marker from a position on. In scan data FF 00 is an escaped FF, and FF FF is filling: both are stepped over,
 * and so is garbage between segments, as every decoder does.
 */
function nextMarker(bytes: Buffer, from: number): { code: number; end: number } | undefined {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code === undefined) return undefined;
    if (code !== 0x00 && code !== 0xff) return { code, end: at + 2 };
  }
  return undefined;
}

/** A segment's content. Its first two bytes say how long it is, themselves included. */
function readSegment(bytes: Buffer, start: number): Buffer {
  if (start + 2 > bytes.length) throw cutOff(bytes);
  const length = bytes.readUInt16BE(start);
  if (length < 2) throw damaged('the length of one of its segments is impossible');
  if (start + length > bytes.length) throw cutOff(bytes);
  return bytes.subarray(start + 2, start + length);
}

/** TEM, the restart markers and a repeated start have no content. */
function standsAlone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd8);
}

/** SOF0 to SOF15; three codes among them mean tables. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function readSize(segment: Buffer): { width: number; height: number } {
  if (segment.length < 6) throw damaged('its size is missing');
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) };
}

function cutOff(bytes: Buffer): LuxcamError {
  return new LuxcamError(
    'invalid_request',
    `the JPEG is truncated: it breaks off after ${bytes.length} bytes, before its end. Take or send it again.`,
  );
}

function damaged(how: string): LuxcamError {
  return new LuxcamError('invalid_request', `the JPEG is damaged: ${how}. Take or send it again.`);
}
