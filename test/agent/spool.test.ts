import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clockSetSince, readClock } from '../../agent/clock';
import { Spool } from '../../agent/spool';
import { TestLog } from '../support/log';
import { newImage } from '../support/new-image';

describe('the spool', () => {
  let folder: string;
  let kept: TestLog;
  const open = async (maxSize = 1_000_000) => {
    const spool = new Spool('front', { path: folder, maxSize }, kept.log);
    await spool.open();
    return spool;
  };
  const image = (at: number, size = 100) => ({
    image: newImage({ capturedAt: at, bytes: Buffer.alloc(size, at), thumbnail: Buffer.from([1, 10, 0]), lux: 4 }),
    clock: readClock(),
  });
  /** Takes out all that waits: their capture times. */
  const drain = async (spool: Spool) => {
    const times: number[] = [];
    for (let next = await spool.oldest(); next !== null; next = await spool.oldest()) {
      times.push(next.image.capturedAt);
      await spool.remove(next.file);
    }
    return times;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-spool-'));
    kept = new TestLog();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('hands out what was put in, in order, also after a restart and when the clock was set back', async () => {
    const spool = await open();
    const first = image(5000);
    for (const each of [first, image(9000), image(1000)]) await spool.add(each);
    const restarted = await open();
    assert.equal(restarted.count, 3);
    const oldest = await restarted.oldest();
    assert.deepEqual(oldest?.image, { ...first.image, replayed: true });
    assert.deepEqual(oldest?.clock, first.clock);
    await restarted.add(image(2000));
    assert.deepEqual(await drain(restarted), [5000, 9000, 1000, 2000]);
    assert.deepEqual(await readdir(path.join(folder, 'front')), []);
  });

  it('drops the oldest images when it is full, counts them and says so', async () => {
    const spool = await open(4000);
    for (let at = 1; at <= 10; at += 1) await spool.add(image(at, 1000));
    assert.equal(spool.count + spool.dropped, 10);
    assert.deepEqual(await drain(spool), [9, 10].slice(-spool.count));
    assert.match(kept.lines.at(-1) ?? '', /the spool is full: the oldest image in it was dropped/);
  });

  it('sets damaged files aside, and goes on with the others', async () => {
    const spool = await open();
    for (const at of [1, 2, 3, 4]) await spool.add(image(at));
    const place = path.join(folder, 'front');
    const [cut = '', empty = '', flipped = ''] = (await readdir(place)).sort();
    await truncate(path.join(place, cut), 400);
    await truncate(path.join(place, empty), 0);
    const bytes = await readFile(path.join(place, flipped));
    bytes.writeUInt8(0xaa, bytes.length - 5);
    await writeFile(path.join(place, flipped), bytes);
    assert.deepEqual(await drain(await open()), [4]);
    assert.equal(kept.lines.filter((line) => line.includes('damaged and was set aside')).length, 3);
    assert.equal((await readdir(place)).filter((name) => name.endsWith('.damaged')).length, 3);
  });

  it('knows nothing of a file that a crash has left half written', async () => {
    const spool = await open();
    await spool.add(image(1));
    await writeFile(path.join(folder, 'front', '000000000002.image.partial'), 'half');
    assert.deepEqual(await drain(await open()), [1]);
  });

  it('says what to do where it can not write', async () => {
    const file = path.join(folder, 'front');
    await writeFile(file, 'in the way');
    await assert.rejects(open(), /the spool .*front can't be used .*agent\.spool\.path/);
  });
});

describe('a reading of the clocks', () => {
  it('tells by how much the clock was set since, but not over a restart of the machine', () => {
    const then = { time: 1000, uptime: 500, boot: 'a' };
    assert.equal(clockSetSince(then, { time: 1_000_000_000_000 + 11_000, uptime: 10_500, boot: 'a' }), 1e12);
    assert.equal(clockSetSince(then, { time: 11_900, uptime: 10_500, boot: 'a' }), 0, 'it is only nudged');
    assert.equal(clockSetSince(then, { time: 1e12, uptime: 10_500, boot: 'b' }), 0);
  });
});
