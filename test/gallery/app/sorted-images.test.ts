import assert from 'node:assert/strict';
import { merge } from '../../../gallery/app/sorted-images';

type Image = Parameters<typeof merge>[0][number];

/** What of an image its place in the list depends on. */
const image = (camera: string, capturedAt: number) => ({ id: `${camera}:${capturedAt}`, camera, capturedAt }) as Image;
const ids = (images: readonly Image[]) => images.map(({ id }) => id);

describe('the sorted images of the gallery', () => {
  it('hold each image once, also where cameras captured in the same millisecond', () => {
    // As the server lists them: by time, and by the camera's name within a millisecond.
    const page = [image('yard', 8), image('front', 7), image('front-2', 7), image('garden', 7), image('front', 6)];
    assert.deepEqual(ids(merge(page, page)), ids(page));
    assert.deepEqual(ids(merge(page.slice(0, 2), page)), ids(page));
    assert.deepEqual(ids(merge(page.slice(0, 3), page.slice(3))), ids(page));
    assert.deepEqual(ids(merge([image('front', 7)], [image('attic', 9), image('attic', 7)])), [
      'attic:9',
      'attic:7',
      'front:7',
    ]);
  });
});
