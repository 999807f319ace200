import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type LiveFrame, watchedLife } from '../../core/live-frame';
import { LiveFrameReader } from '../../core/live-frame-reader';
import { LiveFrameWriter } from '../../core/live-frame-writer';
import { liveCameras, offerLive } from '../../core/live-offers';
import { RedisConnection } from '../../core/redis-connection';
import { markedFrame, readMark } from '../support/live-frame';
import { TestRedis } from '../support/redis-server';

describe('live frames', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let stop: AbortController;
  let reader: LiveFrameReader;
  let frames: AsyncGenerator<LiveFrame>;
  let writer: LiveFrameWriter;
  const key = 'house:live:front';

  const next = async (): Promise<LiveFrame> => {
    const { value } = await frames.next();
    if (value === undefined) throw new Error('the frames have ended');
    return value;
  };
  const send = (mark: number) => writer.send(markedFrame(mark), Date.now());

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.client.flushAll();
    stop = new AbortController();
    reader = new LiveFrameReader(connection, 'front');
    frames = reader.frames(stop.signal);
    writer = new LiveFrameWriter(connection, 'front');
  });
  afterEach(() => stop.abort());

  it('at 60 a second reach a reader of 50 a second whole, once, in order, and up to the last', async () => {
    const sent = 120;
    const sending = (async () => {
      let due = performance.now();
      for (let mark = 1; mark <= sent; mark += 1) {
        await send(mark);
        due += 1000 / 60;
        await pause(Math.max(0, due - performance.now()));
      }
    })();
    const marks: number[] = [];
    while (marks.at(-1) !== sent) {
      const { jpeg } = await next();
      marks.push(readMark(jpeg));
      await pause(1000 / 50);
    }
    await sending;
    assert.deepEqual(
      marks,
      [...new Set(marks)].sort((a, b) => a - b),
    );
    const { counts } = reader;
    assert.deepEqual([counts.torn, counts.repeated, counts.seen], [0, 0, marks.length]);
    assert.equal(counts.seen + counts.skipped, sent - (marks[0] ?? 0) + 1);
    assert.equal(counts.sent, counts.seen + counts.skipped);
  });

  it('that a reader was too slow for are skipped, counted, and never pile up', async () => {
    await send(1);
    await next();
    for (let mark = 2; mark <= 40; mark += 1) await send(mark);
    assert.equal(await connection.client.xLen(key), 1);
    const { jpeg } = await next();
    assert.equal(readMark(jpeg), 40);
    assert.deepEqual(reader.counts, { sent: 40, seen: 2, skipped: 38, repeated: 0, torn: 0 });
  });

  it('are numbered on by a sender that starts anew, and its reader tells that from frames skipped', async () => {
    await send(1);
    const { number } = await next();
    writer = new LiveFrameWriter(connection, 'front');
    await send(2);
    const after = await next();
    assert.ok(after.number > number, `${after.number} after ${number}`);
    assert.deepEqual(reader.counts, { sent: 2, seen: 2, skipped: 0, repeated: 0, torn: 0 });
    await send(3);
    assert.equal((await next()).number, after.number + 1);
  });

  it('vanish by themselves when the sender is no more', async () => {
    await send(1);
    const left = await connection.client.pTTL(key);
    assert.ok(left > 0 && left <= 6000, `${left} ms`);
  });

  it('are asked for only while somebody reads', async () => {
    assert.equal(await writer.watched(), false);
    await send(1);
    await next();
    assert.equal(await writer.watched(), true);
    assert.equal(await send(2), true);
    const left = await connection.client.pTTL('house:watched:front');
    assert.ok(left > 0 && left <= 5000, `${left} ms`);
    // It would say again that it looks.
    stop.abort();
    await connection.client.del('house:watched:front');
    assert.equal(await send(3), false);
  });

  it('are no longer asked for once the reader stops, also if it was never asked for another', async () => {
    await send(1);
    await next();
    stop.abort();
    await connection.client.del('house:watched:front');
    // Longer than it takes a reader to say again that it looks.
    await pause(watchedLife * 0.5);
    assert.equal(await writer.watched(), false);
  });

  it('go on after a lost connection', async () => {
    await send(1);
    await next();
    await connection.client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await send(2);
    assert.equal(readMark((await next()).jpeg), 2);
  });

  it('that are incomplete are counted and not handed out', async () => {
    const jpeg = markedFrame(5);
    const fields = { number: '5', first: '5', timestamp_ms: '1', size: `${jpeg.length}`, frame: jpeg };
    await connection.client.xAdd(key, '*', { ...fields, frame: jpeg.subarray(1000) });
    await connection.client.xAdd(key, '*', { ...fields, frame: jpeg.subarray(0, -1) });
    await connection.client.xAdd(key, '*', { ...fields, number: '6' });
    assert.equal((await next()).number, 6);
    assert.equal(reader.counts.torn, 2);
  });

  it('need but one right beside that to read, and are refused in words without it', async () => {
    const allow = (...rules: string[]) => connection.client.sendCommand(['ACL', 'SETUSER', 'guest', ...rules]);
    await allow('on', '>secret', '~house:*', '-@all', '+ping', '+time', '+xread');
    const guest = new RedisConnection({ url: redis.url, prefix: 'house:', username: 'guest', password: 'secret' });
    guest.start();
    await guest.ready();
    const first = () => new LiveFrameReader(guest, 'front').frames(stop.signal).next();
    await assert.rejects(first(), {
      code: 'store_unavailable',
      message: /live frames of front can not be read: .*NOPERM.*allow it that command/,
    });
    await allow('(+set ~house:watched:*)');
    await send(1);
    assert.equal(readMark((await first()).value?.jpeg ?? Buffer.alloc(0)), 1);
    await assert.rejects(guest.client.set('house:live:front', 'x'), /NOPERM/);
    await guest.stop();
  });

  it('are offered by name until they are no longer, by cameras that count as seen', async () => {
    const live = () => liveCameras(connection, ['attic', 'front', 'garden']);
    const offer = { fps: 10, width: 640 };
    const offers = { front: offer, garden: null };
    await offerLive(connection, new Map(Object.entries(offers)));
    assert.deepEqual(await live(), new Set(['front']));
    assert.deepEqual(await connection.client.hGetAll('house:live'), { front: '{"fps":10,"width":640}' });
    assert.deepEqual(await connection.client.sMembers('house:cameras'), ['front']);
    await offerLive(connection, new Map([['front', null]]));
    assert.deepEqual(await live(), new Set());
    assert.deepEqual(await liveCameras(connection, []), new Set());
  });
});
