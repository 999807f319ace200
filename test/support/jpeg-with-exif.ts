/** One directory entry of EXIF data: a single whole number. */
interface Entry {
  tag: number;
  type: 3 | 4;
  value: number;
}

/** What the EXIF data that a test writes into a JPEG holds. */
export interface ExifParts {
  orientation?: number;
  thumbnail?: Buffer;
  /** Where the thumbnail is said to lie, if not where it does. */
  thumbnailOffset?: number;
  thumbnailLength?: number;
  /** Where the second directory is said to lie, if not where it does. */
  nextDirectory?: number;
  bigEndian?: boolean;
}

/** The JPEG with an EXIF segment of these parts put in front of its other segments. */
export function jpegWithExif(jpeg: Buffer, parts: ExifParts): Buffer {
  return jpegWithSegment(jpeg, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(parts)]));
}

/** The JPEG with an APP1 segment of this content, whatever it is, put in front of its other segments. */
export function jpegWithSegment(jpeg: Buffer, content: Buffer): Buffer {
  const header = Buffer.from([0xff, 0xe1, 0, 0]);
  header.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), header, content, jpeg.subarray(2)]);
}

function tiff(parts: ExifParts): Buffer {
  const { orientation = 1, thumbnail, bigEndian = false } = parts;
  const head = Buffer.from(bigEndian ? 'MM\0*\0\0\0\x08' : 'II*\0\x08\0\0\0', 'latin1');
  const first: Entry[] = [{ tag: 0x0112, type: 3, value: orientation }];
  const second = head.length + directorySize(1);
  if (thumbnail === undefined) return Buffer.concat([head, directory(first, parts.nextDirectory ?? 0, bigEndian)]);
  const start = second + directorySize(3);
  const entries: Entry[] = [
    { tag: 0x0103, type: 3, value: 6 },
    { tag: 0x0201, type: 4, value: parts.thumbnailOffset ?? start },
    { tag: 0x0202, type: 4, value: parts.thumbnailLength ?? thumbnail.length },
  ];
  const next = parts.nextDirectory ?? second;
  return Buffer.concat([head, directory(first, next, bigEndian), directory(entries, 0, bigEndian), thumbnail]);
}

function directorySize(entries: number): number {
  return 2 + 12 * entries + 4;
}

function directory(entries: Entry[], next: number, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(directorySize(entries.length));
  const short = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const long = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  short(entries.length, 0);
  entries.forEach(({ tag, type, value }, index) => {
    const at = 2 + 12 * index;
    short(tag, at);
    short(type, at + 2);
    long(1, at + 4);
    if (type === 3) short(value, at + 8);
    else long(value, at + 8);
  });
  long(next, bytes.length - 4);
  return bytes;
}
