import assert from 'node:assert/strict';
import sharp from 'sharp';
import { FrameScaler } from '../../../agent/live/frame-scaler';
import { readImage } from '../../../core/image-format';
import { TestLog } from '../../support/log';

describe('FrameScaler', () => {
  const picture = (format: 'jpeg' | 'png', width: number) =>
    sharp({ create: { width, height: Math.round(width / 2), channels: 3, background: 'red' } })
      .toFormat(format)
      .toBuffer();
  const kept = new TestLog();
  const scaler = new FrameScaler({ width: 400, log: kept.log });

  it('makes a JPEG of that width of a larger picture, whatever its kind', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const frame = await scaler.scale(await picture(format, 1000));
      assert.deepEqual(readImage(frame), { mimeType: 'image/jpeg', width: 400, height: 200 });
    }
  });

  it('leaves a JPEG that is small enough as it is', async () => {
    const small = await picture('jpeg', 300);
    assert.equal(await scaler.scale(small), small);
  });

  it('without sharp leaves a larger one as it is too, says so once, and can use nothing else', async () => {
    const without = new FrameScaler({
      width: 400,
      log: kept.log,
      load: () => Promise.reject(new Error('Cannot find sharp')),
    });
    const large = await picture('jpeg', 1000);
    assert.equal(await without.scale(large), large);
    assert.equal(await without.scale(large), large);
    assert.equal(kept.lines.filter((line) => line.includes("'sharp' can't be loaded (Cannot find sharp)")).length, 1);
    await assert.rejects(without.scale(await picture('png', 1000)), {
      code: 'camera_failed',
      message: /npm install sharp/,
    });
  });

  it('throws for a broken picture what is wrong with it', async () => {
    const broken = (await picture('jpeg', 1000)).subarray(0, 900);
    await assert.rejects(scaler.scale(broken), { code: 'camera_failed' });
  });
});
