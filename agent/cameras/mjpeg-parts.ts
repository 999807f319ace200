import { largestImage } from '../../core/image-format';

/** No header of a part is longer; more bytes without an end of it mean that this is another kind of stream. */
const longestHeader = 4096;

/**
 * Takes ffmpeg's `mpjpeg` output apart: parts of a header with a Content-Length, an empty line and the picture's bytes.
 * The length is what tells where a picture ends: the end marker of a JPEG may also stand inside, in an EXIF thumbnail.
 */
export class MjpegParts {
  private header = Buffer.alloc(0);
  private body: Buffer | undefined;
  private filled = 0;

  /** The pictures that are complete with this chunk. Throws an Error if the stream is none of parts. */
  push(chunk: Buffer): Buffer[] {
    const complete: Buffer[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.body === undefined) {
        rest = this.readHeader(rest);
        continue;
      }
      const copied = rest.copy(this.body, this.filled);
      rest = rest.subarray(copied);
      this.filled += copied;
      if (this.filled < this.body.length) continue;
      complete.push(this.body);
      this.body = undefined;
    }
    return complete;
  }

  /** Adds to the header and, once it is whole, opens the body. Returns the bytes behind it. */
  private readHeader(chunk: Buffer): Buffer {
    this.header = Buffer.concat([this.header, chunk]);
    const end = this.header.indexOf('\r\n\r\n');
    if (end === -1 && this.header.length <= longestHeader) return Buffer.alloc(0);
    const length = Number(/^content-length: *(\d+)/im.exec(this.header.toString('latin1', 0, end))?.[1]);
    if (!(length > 0 && length <= largestImage)) throw new Error('ffmpeg sent something that is no MJPEG part');
    const rest = this.header.subarray(end + 4);
    this.header = Buffer.alloc(0);
    this.body = Buffer.allocUnsafe(length);
    this.filled = 0;
    return rest;
  }
}
