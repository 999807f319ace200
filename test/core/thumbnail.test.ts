import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { readImage } from '../../core/image-format';
import { LuxcamError } from '../../core/luxcam-error';
import { prepareImage } from '../../core/prepare-image';
import { exifThumbnail, makeThumbnail } from '../../core/thumbnail';
import { type ExifParts, jpegWithExif } from '../support/jpeg-with-exif';

function plain(width: number, height: number, background: string): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

describe('makeThumbnail', () => {
  let picture: Buffer;
  let thumbnail: Buffer;

  before(async () => {
    picture = await plain(1600, 1200, 'blue');
    thumbnail = await plain(160, 120, 'red');
  });

  it('takes the EXIF thumbnail where the camera wrote one, in both byte orders', async () => {
    for (const bigEndian of [false, true])
      assert.deepEqual(await makeThumbnail(jpegWithExif(picture, { thumbnail, bigEndian })), thumbnail);
  });

  it('makes one of at most 320 pixels where there is none', async () => {
    const made = await makeThumbnail(picture);
    assert.deepEqual(readImage(made ?? picture), { mimeType: 'image/jpeg', width: 320, height: 240 });
    assert.equal(exifThumbnail(picture), undefined);
  });

  it('makes an upright one where the picture is turned, and leaves the EXIF thumbnail aside', async () => {
    const halves = await sharp(await plain(800, 400, 'blue'))
      .composite([{ input: await plain(400, 400, 'red'), left: 0, top: 0 }])
      .jpeg()
      .toBuffer();
    const made =
      (await makeThumbnail(jpegWithExif(halves, { orientation: 6, thumbnail: await plain(160, 80, 'red') }))) ??
      assert.fail();
    assert.deepEqual(readImage(made), { mimeType: 'image/jpeg', width: 160, height: 320 });
    const top = await sharp(made).extract({ left: 0, top: 0, width: 160, height: 100 }).toBuffer();
    const { channels } = await sharp(top).stats();
    assert.ok(
      (channels[0]?.mean ?? 0) > 200 && (channels[2]?.mean ?? 255) < 50,
      'the red left half of the sensor is the upper half when turned',
    );
  });

  it('leaves an EXIF thumbnail aside that is too large, of another shape, or no whole JPEG', async () => {
    const odd = [
      await plain(400, 300, 'red'),
      await plain(320, 180, 'red'),
      thumbnail.subarray(0, -20),
      Buffer.from('not a picture'),
    ];
    for (const unusable of odd) {
      const made = (await makeThumbnail(jpegWithExif(picture, { thumbnail: unusable }))) ?? assert.fail();
      const { channels } = await sharp(made).stats();
      assert.ok((channels[2]?.mean ?? 0) > 200, 'made from the blue picture');
    }
  });

  it('is not led astray by EXIF offsets out of bounds or in circles', () => {
    const hostile: ExifParts[] = [
      { thumbnailOffset: 0xffff_fff0 },
      { thumbnailLength: 0xffff_ffff },
      { thumbnailOffset: 60_000, thumbnailLength: 10_000 },
      { nextDirectory: 8 },
      { nextDirectory: 0xffff_ffff },
      { nextDirectory: 3 },
    ];
    for (const parts of hostile) assert.equal(exifThumbnail(jpegWithExif(picture, { thumbnail, ...parts })), undefined);
  });

  it('does not enlarge a small picture, and shows transparency as white', async () => {
    const small = await sharp({ create: { width: 60, height: 40, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    const made = (await makeThumbnail(small)) ?? assert.fail();
    assert.deepEqual(readImage(made), { mimeType: 'image/jpeg', width: 60, height: 40 });
    assert.ok(((await sharp(made).stats()).channels[0]?.mean ?? 0) > 250);
  });

  it('makes one of a grey and of a progressive picture of 20 megapixels', async () => {
    const large = sharp({ create: { width: 5472, height: 3648, channels: 3, background: 'green' } });
    for (const jpeg of [
      await large.clone().jpeg({ progressive: true }).toBuffer(),
      await large.greyscale().jpeg().toBuffer(),
    ]) {
      const image = await prepareImage(jpeg);
      assert.deepEqual([image.width, image.height], [5472, 3648]);
      assert.deepEqual(readImage(image.thumbnail ?? jpeg), { mimeType: 'image/jpeg', width: 320, height: 213 });
    }
  });

  it('is undefined for bytes that no one can read', async () => {
    assert.equal(await makeThumbnail(Buffer.from('not a picture')), undefined);
    assert.equal(await makeThumbnail(Buffer.alloc(0)), undefined);
    assert.equal(await makeThumbnail(picture.subarray(0, 2000)), undefined);
  });
});

describe('prepareImage', () => {
  it('tells type, size, SHA-256 and thumbnail of an image, and keeps its bytes', async () => {
    const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const { thumbnail, ...image } = await prepareImage(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(image, { bytes, mimeType: 'image/png', width: 640, height: 360, sha256 });
    assert.deepEqual(readImage(thumbnail ?? bytes), { mimeType: 'image/jpeg', width: 320, height: 180 });
  });

  it('refuses a truncated JPEG', async () => {
    const jpeg = await plain(640, 360, 'teal');
    await assert.rejects(prepareImage(jpeg.subarray(0, -100)), (error) => {
      return error instanceof LuxcamError && error.code === 'invalid_request' && /truncated/.test(error.message);
    });
  });
});
