import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { readImage } from '../../core/image-format';
import { LuxcamError } from '../../core/luxcam-error';
import { jpegWithExif, jpegWithSegment } from '../support/jpeg-with-exif';
import { systemProgram } from '../support/server-process';

/** A picture with detail, so that its scans have escaped bytes. */
function noise(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: 'grey', noise: { type: 'gaussian', sigma: 40 } } });
}

function refusal(bytes: Buffer): LuxcamError {
  try {
    readImage(bytes);
  } catch (error) {
    assert.ok(error instanceof LuxcamError, `not a LuxcamError: ${error}`);
    assert.equal(error.code, 'invalid_request');
    return error;
  }
  return assert.fail(`${bytes.length} bytes were taken for an image`);
}

describe('readImage', () => {
  let baseline: Buffer;
  let progressive: Buffer;

  before(async () => {
    baseline = await noise(301, 157).jpeg().toBuffer();
    progressive = await noise(301, 157).jpeg({ progressive: true, quality: 95 }).toBuffer();
  });

  it('reads the size of baseline, progressive, grey and CMYK JPEGs', async () => {
    const size = { mimeType: 'image/jpeg', width: 301, height: 157 };
    const grey = await noise(301, 157).greyscale().jpeg().toBuffer();
    const cmyk = await noise(301, 157).toColourspace('cmyk').jpeg().toBuffer();
    for (const jpeg of [baseline, progressive, grey, cmyk]) assert.deepEqual(readImage(jpeg), size);
  });

  it('reads a JPEG that ffmpeg wrote', async () => {
    const filter = ['-f', 'lavfi', '-i', 'testsrc=size=642x358', '-frames:v', '1', '-f', 'mjpeg', 'pipe:1'];
    const { stdout } = await promisify(execFile)(systemProgram('ffmpeg', 'ffmpeg'), ['-loglevel', 'error', ...filter], {
      encoding: 'buffer',
    });
    assert.deepEqual(readImage(stdout), { mimeType: 'image/jpeg', width: 642, height: 358 });
  });

  it('tells the size as shown: an EXIF orientation of 5 to 8 swaps the sides, in both byte orders', () => {
    for (const bigEndian of [false, true])
      for (let orientation = 0; orientation <= 9; orientation += 1) {
        const { width, height } = readImage(jpegWithExif(baseline, { orientation, bigEndian }));
        const lies = orientation >= 5 && orientation <= 8;
        assert.deepEqual([width, height], lies ? [157, 301] : [301, 157], `orientation ${orientation}`);
      }
  });

  it('reads PNG, WebP in its three kinds, GIF and AVIF by their bytes', async () => {
    const picture = () => noise(123, 45);
    const expected = { width: 123, height: 45 };
    assert.deepEqual(readImage(await picture().png().toBuffer()), { mimeType: 'image/png', ...expected });
    assert.deepEqual(readImage(await picture().gif().toBuffer()), { mimeType: 'image/gif', ...expected });
    const webp = { mimeType: 'image/webp', ...expected };
    assert.deepEqual(readImage(await picture().webp().toBuffer()), webp);
    assert.deepEqual(readImage(await picture().webp({ lossless: true }).toBuffer()), webp);
    const transparent = await picture().ensureAlpha(0.5).webp().toBuffer();
    assert.deepEqual(readImage(transparent), webp);
    assert.equal(readImage(await picture().avif({ effort: 0 }).toBuffer()).mimeType, 'image/avif');
  });

  it('says of a JPEG cut off anywhere that it is truncated, also inside its EXIF thumbnail', () => {
    for (const whole of [baseline, progressive, jpegWithExif(progressive, { thumbnail: baseline })]) {
      for (let length = 2; length < whole.length; length += length < 1500 ? 1 : 331)
        assert.match(refusal(whole.subarray(0, length)).message, /truncated/, `after ${length} bytes`);
      assert.match(refusal(whole.subarray(0, whole.length - 1)).message, /truncated/);
    }
  });

  it('takes a JPEG with other data behind its end, as phones and frame grabbers append it', () => {
    const padded = Buffer.concat([baseline, Buffer.alloc(5000), progressive.subarray(0, 400)]);
    assert.equal(readImage(padded).width, 301);
  });

  it('refuses what is no image, and says what it is', () => {
    assert.match(refusal(Buffer.alloc(0)).message, /no bytes/);
    assert.match(refusal(Buffer.from('<html>Please log in</html>')).message, /text and no image/);
    assert.match(refusal(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')).message, /no image/);
    assert.match(refusal(Buffer.from([0xff, 0xd8, 0xff, 0xd9])).message, /damaged/);
  });

  it('refuses truncated files of the other kinds', async () => {
    for (const kind of ['png', 'webp', 'gif'] as const) {
      const whole = await noise(64, 64).toFormat(kind).toBuffer();
      const cut = kind === 'gif' ? 9 : whole.length - 20;
      assert.match(refusal(whole.subarray(0, cut)).message, /truncated/, kind);
    }
  });

  it('answers random bytes, damaged headers and hostile EXIF data with a LuxcamError or a size, and always ends', () => {
    const random = randomBytes(20261120);
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(round % 3 === 0 ? progressive.subarray(0, 2000) : random(200));
      if (round % 3 === 1) bytes.set([0xff, 0xd8, 0xff]);
      for (let flip = 0; flip < 8; flip += 1) bytes[random(2).readUInt16LE() % bytes.length] = random(1)[0] ?? 0;
      const tried =
        round % 3 === 2 ? jpegWithSegment(baseline, Buffer.concat([Buffer.from('Exif\0\0II*\0'), bytes])) : bytes;
      try {
        assert.equal(readImage(tried).mimeType, 'image/jpeg');
      } catch (error) {
        assert.ok(error instanceof LuxcamError, `round ${round}: ${error}`);
      }
    }
  });
});

/** The same random bytes in every run, so that a failure can be seen again (a linear congruential generator). */
function randomBytes(seed: number): (length: number) => Buffer {
  let state = seed;
  return (length) =>
    Buffer.from(
      Array.from({ length }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
    );
}
