import assert from 'node:assert/strict';
import { RecentImages } from '../../gallery/recent-images';

const image = (megabytes: number) => ({
  sha256: '',
  mimeType: 'image/jpeg',
  bytes: Buffer.alloc(megabytes * 1024 * 1024),
});

describe('RecentImages', () => {
  it('keeps 16 MB, and forgets what came first', () => {
    const recent = new RecentImages();
    for (const name of ['a', 'b', 'c', 'd', 'd', 'e']) recent.keep(name, image(4));
    const found = ['a', 'b', 'c', 'd', 'e'].map((name) => recent.find(name) !== undefined);
    assert.deepEqual(found, [false, true, true, true, true]);
  });

  it('does not give all its room to one large image', () => {
    const recent = new RecentImages();
    recent.keep('small', image(1));
    recent.keep('large', image(5));
    assert.deepEqual([recent.find('small') !== undefined, recent.find('large')], [true, undefined]);
  });
});
