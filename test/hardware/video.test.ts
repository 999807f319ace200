import assert from 'node:assert/strict';
import sharp from 'sharp';
import { z } from 'zod';
import { announcementSchema } from '../../core/messages';
import { runInVirtualMachine } from './virtual-machine';

describe('An agent with a camera of the kernel, /dev/video0, read with ffmpeg', () => {
  let facts: Map<string, unknown>;
  const images = () =>
    z
      .array(z.base64())
      .parse(facts.get('images'))
      .map((bytes) => Buffer.from(bytes, 'base64'));

  before(async function () {
    const limit = 600_000;
    this.timeout(limit + 5000);
    facts = await runInVirtualMachine('video.mjs', limit, { camera: true });
  });

  it('announces a capture for each press', () => {
    const announced = z.array(announcementSchema).parse(facts.get('announcements'));
    assert.deepEqual(
      announced.map(({ event }) => event),
      ['captured', 'captured'],
    );
  });

  it('keeps pictures of the size that was asked for, with something on them', async () => {
    for (const bytes of images()) {
      const { width, height, format } = await sharp(bytes).metadata();
      assert.deepEqual([width, height, format], [320, 180, 'jpeg']);
      const { channels } = await sharp(bytes).stats();
      assert.ok(
        channels.every(({ stdev }) => stdev > 20),
        'it shows colour bars',
      );
    }
  });

  it('never gives the same frame twice', () => {
    const [first, second] = images();
    assert.notDeepEqual(first, second);
  });

  it('ends well, and so does ffmpeg', () => {
    assert.equal(facts.get('exit code'), 0);
    assert.equal(facts.get('ffmpegs after the stop'), 0);
  });
});
