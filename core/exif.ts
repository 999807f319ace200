/** The part of EXIF that luxcam uses. */
export interface Exif {
  /** 1 to 8: how the picture is turned or mirrored when shown; 1 is upright, 5 to 8 swap width and height. */
  orientation: number;
  /** The bytes of the embedded thumbnail, unchecked. */
  thumbnail?: Buffer;
}

const orientationTag = 0x0112;
const thumbnailOffsetTag = 0x0201;
const thumbnailLengthTag = 0x0202;
const short = 3;
const long = 4;
const entrySize = 12;

/**
 * Reads the TIFF block of an EXIF segment (CIPA DC-008: the first directory describes the picture, the second the
 * thumbnail). Its offsets may point anywhere: what lies outside of the block counts as absent, and only two directories
 * are looked at, so that no block can send us in circles.
 */
export function readExif(tiff: Buffer): Exif {
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return { orientation: 1 };
  const number = new NumberReader(tiff, order.startsWith('II'));

  const picture = readDirectory(number, number.long(4));
  const orientation = picture.values.get(orientationTag) ?? 1;
  const thumbnail = readDirectory(number, picture.next).values;
  const start = thumbnail.get(thumbnailOffsetTag) ?? 0;
  const length = thumbnail.get(thumbnailLengthTag) ?? 0;
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    thumbnail: length > 0 && start + length <= tiff.length ? tiff.subarray(start, start + length) : undefined,
  };
}

/** The single whole numbers among a directory's entries, by tag, and where the next directory lies (0: nowhere). */
function readDirectory(number: NumberReader, start: number): { values: Map<number, number>; next: number } {
  const values = new Map<number, number>();
  if (start === 0) return { values, next: 0 };
  const count = number.short(start);
  const end = start + 2 + count * entrySize;
  if (!number.holds(end)) return { values, next: 0 };
  for (let entry = start + 2; entry < end; entry += entrySize) {
    if (number.long(entry + 4) !== 1) continue;
    const type = number.short(entry + 2);
    if (type === short) values.set(number.short(entry), number.short(entry + 8));
    if (type === long) values.set(number.short(entry), number.long(entry + 8));
  }
  return { values, next: number.long(end) };
}

/** Reads numbers in the block's byte order; outside of the block everything is 0. */
class NumberReader {
  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
  ) {}

  holds(position: number): boolean {
    return position <= this.bytes.length;
  }

  short(at: number): number {
    if (!this.holds(at + 2)) return 0;
    return this.littleEndian ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  long(at: number): number {
    if (!this.holds(at + 4)) return 0;
    return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }
}
