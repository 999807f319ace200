import assert from 'node:assert/strict';
import { GridLayout, gap } from '../../../gallery/app/grid-layout';
import { stepLength } from '../../../gallery/app/stretch';
import { Timeline } from '../../../gallery/app/timeline';

type Image = NonNullable<ReturnType<Timeline['at']>>;

const hour = stepLength;
const start = Math.floor(Date.now() / hour) * hour;
/** What of an image its place depends on. */
const image = (capturedAt: number, camera = 'front') =>
  ({ id: `${camera}:${capturedAt}`, camera, capturedAt }) as Image;
const minutesAgo = (...minutes: number[]) => minutes.map((ago) => image(start - ago * 60_000));
const places = (line: Timeline) => Array.from({ length: line.length }, (_, at) => line.at(at)?.id ?? '?');
const ids = (images: readonly Image[]) => images.map(({ id }) => id);

/** Three hours with 3, 0 and 4 images, of which none is loaded. */
const counted = new Timeline().count(
  [
    { start: start - hour, images: 3 },
    { start: start - 3 * hour, images: 4 },
  ],
  Number.POSITIVE_INFINITY,
);

describe('the timeline of the gallery', () => {
  it('has a place for each image that was counted, and knows about when it was captured', () => {
    assert.deepEqual(places(counted), ['?', '?', '?', '?', '?', '?', '?']);
    assert.equal(counted.indexOfTime(start - hour - 1), 3);
    assert.equal(counted.indexOfTime(start - 2 * hour), 3);
    for (let at = 1; at < 7; at++) assert.ok(counted.timeAt(at) < counted.timeAt(at - 1));
    assert.equal(counted.indexOfTime(counted.timeAt(5)), 5);
  });

  it('puts images in their places, and believes them rather than the count', () => {
    const newest = minutesAgo(10, 20);
    const line = counted.fill(start - hour, start - 1, newest);
    assert.deepEqual(places(line), [...ids(newest), '?', '?', '?', '?']);
    assert.equal(line.indexOf(newest[1]?.id ?? ''), 1);
    assert.deepEqual(places(line.count([{ start: start - hour, images: 9 }], start)), ids(newest));
  });

  it('leaves room for the rest of an hour that was loaded in part', () => {
    const [newer, older] = [minutesAgo(1, 2), minutesAgo(30)];
    const line = counted.fill(start - 10 * 60_000, start - 1, newer);
    assert.deepEqual(places(line), [...ids(newer), '?', '?', '?', '?', '?']);
    const both = line.fill(start - 40 * 60_000, start - 20 * 60_000, older);
    assert.deepEqual(places(both), [...ids([...newer, ...older]), '?', '?', '?', '?']);
    const more = [
      { start: start - hour, images: 6 },
      { start: start - 3 * hour, images: 4 },
    ];
    assert.equal(both.count(more, start).length, 10);
  });

  it('makes room where the count tells of an hour, or of a part of one, that was not known of', () => {
    const newest = minutesAgo(1, 2);
    const first = new Timeline().fill(start - 10 * 60_000, Number.POSITIVE_INFINITY, newest);
    assert.deepEqual(places(first), ids(newest));
    const counts = [
      { start: start + hour, images: 1 },
      { start: start - hour, images: 5 },
      { start: start - 2 * hour, images: 2 },
    ];
    // What is newer than the newest image is told live, and not counted twice.
    assert.deepEqual(places(first.count(counts, start - 60_000)), [...ids(newest), '?', '?', '?', '?', '?']);
  });

  it('takes what has gone from the oldest', () => {
    const split = counted.split(
      1,
      [
        { start: start - 2.5 * hour, images: 2 },
        { start: start - 3 * hour, images: 2 },
      ],
      hour / 2,
    );
    const fewer = [
      { start: start - hour, images: 3 },
      { start: start - 3 * hour, images: 1 },
    ];
    const line = split.count(fewer, start);
    assert.deepEqual(
      line.stretches.map(({ count }) => count),
      [3, 1],
    );
  });

  it('takes in a new image where it belongs, in the order of the server, and loses those that go', () => {
    const loaded = counted.fill(start - hour, start - 1, minutesAgo(10, 20));
    const [same] = minutesAgo(10);
    const twin = image(same?.capturedAt ?? 0, 'attic');
    const line = loaded.add(twin, true);
    assert.deepEqual(places(line).slice(0, 2), [twin.id, same?.id]);
    assert.equal(counted.add(twin, true).length, 8);
    assert.equal(counted.add(image(start - 1.5 * hour), true).at(3)?.capturedAt, start - 1.5 * hour);
    assert.equal(counted.add(image(start - 1.5 * hour), false).length, 7);
    assert.equal(line.keep(({ id }) => id !== twin.id).length, 6);
    assert.equal(counted.lose(start - 10 * 60_000).length, 6);
  });
});

describe('the layout of the grid', () => {
  it('finds the line of each image, and the images at each height, in a million images as well', () => {
    const hours = Array.from({ length: 2000 }, (_, at) => ({ start: start - at * hour, images: 500 + (at % 7) }));
    const line = new Timeline().count(hours, start);
    const layout = new GridLayout(line, 362);
    const { columns, tileHeight } = layout.size;
    assert.ok(line.length > 1_000_000 && columns === 2);
    assert.ok(layout.height > (line.length / columns) * (tileHeight + gap));
    for (const index of [0, 1, 499, 500, 501, 654_321, line.length - 1]) {
      const row = layout.rowOfImage(index);
      assert.ok(row !== undefined && index >= row.first && index < row.first + row.count, `${index}`);
      assert.equal(layout.imageAt(row.top), row.first);
      assert.deepEqual(
        layout.rowsBetween(row.top + 1, row.top + 2).map(({ first }) => first),
        [row.first],
      );
    }
    assert.equal(layout.rowOfImage(line.length), undefined);
    assert.equal(layout.linesAway(1, 1), 3);
    assert.equal(layout.linesAway(499, 1), 501);
    assert.equal(layout.linesAway(501, -1), 499);
    assert.equal(layout.linesAway(0, -5), 0);
    assert.equal(layout.linesAway(0, 1_000_000), line.length - 2);
  });
});
