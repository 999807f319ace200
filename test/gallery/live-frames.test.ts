import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { LiveFrameWriter } from '../../core/live-frame-writer';
import { offerLive } from '../../core/live-offers';
import { parseJson } from '../../core/messages';
import { GalleryServer } from '../support/gallery-server';
import { markedFrame, readMark } from '../support/live-frame';
import { TestRedis } from '../support/redis-server';

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

describe("the gallery's live frames", () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let writer: LiveFrameWriter;

  const send = (mark: number, size?: number) => writer.send(markedFrame(mark, size), Date.now());
  const ask = (after?: number, headers = {}) =>
    fetch(`${server.url}live/front.jpg${after === undefined ? '' : `?after=${after}`}`, { headers });
  const mark = async (response: Response) => {
    assert.equal(response.status, 200, await response.clone().text());
    return readMark(Buffer.from(await response.arrayBuffer()));
  };
  const number = (response: Response) => Number(response.headers.get('x-frame-number'));
  const refusal = async (path: string) => {
    const response = await fetch(server.url + path);
    return { status: response.status, ...parseJson(errorSchema, await response.text()).error };
  };
  /** Resolves as soon as a gallery says that somebody looks. */
  const watched = async () => {
    while (!(await writer.watched())) await new Promise(setImmediate);
  };
  /** How many connections of the gallery wait for frames. */
  const readers = async () => {
    const clients = await server.connection.client.sendCommand<string>(['CLIENT', 'LIST']);
    return `${clients}`.split('\n').filter((line) => line.includes('cmd=xread')).length;
  };
  const openStream = async () => {
    const request = get(`${server.url}live/front.mjpeg`);
    const [response]: IncomingMessage[] = await once(request, 'response');
    return response ?? assert.fail();
  };
  /** The marks of the frames in a piece of an MJPEG stream. */
  const marks = (bytes: Buffer) =>
    [...bytes.toString('latin1').matchAll(/Content-Length: (\d+)\r\n[\s\S]*?\r\n\r\n/g)].map((head) => {
      const begin = head.index + head[0].length;
      return readMark(bytes.subarray(begin, begin + Number(head[1])));
    });

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
  });
  after(async () => {
    await server.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await server.renew();
    await offerLive(server.connection, new Map([['front', { fps: 10, width: 640 }]]));
    writer = new LiveFrameWriter(server.connection, 'front');
  });

  it('answer with the newest one, and after it only with a newer one, as soon as there is one', async () => {
    await send(1);
    const first = await ask();
    assert.deepEqual(
      ['content-type', 'cache-control', 'etag'].map((name) => first.headers.get(name)),
      ['image/jpeg', 'no-store', `"${number(first)}"`],
    );
    assert.ok(Math.abs(Number(first.headers.get('x-frame-timestamp')) - Date.now()) < 60_000);
    assert.equal(await mark(first), 1);
    assert.equal(await mark(await ask()), 1);
    const waiting = ask(number(first));
    await send(2);
    await send(3);
    const later = await waiting;
    assert.ok([2, 3].includes(await mark(later)));
    assert.ok(number(later) > number(first));
    assert.equal((await ask(undefined, { 'if-none-match': `"${number(first)}"` })).status, 200);
    // The third: what is answered with the second one could be followed by it.
    const newest = await ask(number(first) + 1);
    assert.equal((await ask(undefined, { 'if-none-match': newest.headers.get('etag') ?? '' })).status, 304);
  });

  it('go on for a page that asked before the sender was started anew', async () => {
    await send(1);
    const before = await ask();
    writer = new LiveFrameWriter(server.connection, 'front');
    const waiting = ask(number(before));
    await send(2);
    const after = await waiting;
    assert.equal(await mark(after), 2);
    assert.equal(after.headers.get('x-frame-first'), after.headers.get('x-frame-number'));
  });

  it('are read from Redis once for all visitors, and no more when the gallery ends', async () => {
    const visitors = [ask(1), ask(2), ask(3)];
    const stream = openStream();
    await watched();
    await send(1);
    assert.deepEqual(await Promise.all(visitors.map(async (visitor) => mark(await visitor))), [1, 1, 1]);
    const response = await stream;
    assert.equal(await readers(), 1);
    server.endStreams();
    await once(response.resume(), 'end');
    while ((await readers()) > 0) await new Promise(setImmediate);
    const { status, code } = await refusal('live/front.jpg');
    assert.deepEqual([status, code], [503, 'store_unavailable']);
  });

  it('are no longer read soon after the last visitor has left', async () => {
    const leaving = new AbortController();
    const visit = fetch(`${server.url}live/front.jpg`, { signal: leaving.signal }).catch(() => null);
    const stream = openStream();
    await watched();
    await send(1);
    (await stream).destroy();
    leaving.abort();
    await visit;
    assert.equal(await readers(), 1);
    while ((await readers()) > 0) await pause(20);
  });

  it('come as a stream for other viewers', async () => {
    const opening = openStream();
    await watched();
    await send(1);
    const response = await opening;
    assert.equal(response.headers['content-type'], 'multipart/x-mixed-replace; boundary=luxcam-frame');
    let bytes = Buffer.alloc(0);
    for await (const chunk of response) {
      bytes = Buffer.concat([bytes, chunk]);
      if (!bytes.toString('latin1').endsWith('\r\n--luxcam-frame\r\n')) continue;
      const seen = marks(bytes);
      if (seen.length === 3) {
        assert.deepEqual(seen, [1, 2, 3]);
        break;
      }
      await send(seen.length + 1);
    }
  });

  it('never pile up for a viewer that reads slowly: it skips frames, and comes to the newest one', async () => {
    const opening = openStream();
    await watched();
    const large = 1_000_000;
    await send(1, large);
    const response = await opening;
    const pieces: Buffer[] = [];
    /** Takes half a frame. */
    const takeSome = async () => {
      for (const enough = pieces.length + 8; pieces.length < enough; ) {
        const piece: Buffer | null = response.read();
        if (piece === null) await once(response, 'readable');
        else pieces.push(piece);
      }
    };
    // The system's own buffers hold some; of 100 MB most is never sent.
    for (let count = 2; count <= 100; count += 1) {
      await send(count, large);
      if (count % 2 === 1) continue;
      await ask(0);
      await takeSome();
    }
    let seen: number[] = [];
    for await (const chunk of response) {
      pieces.push(chunk);
      if (!Buffer.concat(pieces.slice(-2)).toString('latin1').endsWith('\r\n--luxcam-frame\r\n')) continue;
      seen = marks(Buffer.concat(pieces));
      if (seen.at(-1) === 100) break;
    }
    assert.deepEqual(
      seen,
      [...new Set(seen)].sort((a, b) => a - b),
    );
    assert.ok(seen.length < 60, `${seen.length} frames were kept for it`);
  });

  it('end for a viewer that takes none: it would come back to old ones', async () => {
    const opening = openStream();
    await watched();
    await send(1, 1_000_000);
    const response = await opening;
    // More than the system's own buffers hold.
    for (let count = 2; count <= 40; count += 1) await send(count, 1_000_000);
    while ((await readers()) > 0) await pause(20);
    await send(41);
    response.resume();
    await assert.rejects(once(response, 'end'), { code: 'ECONNRESET' });
  }).timeout(12_000);

  it('are refused where there are none, before anything is opened in Redis', async () => {
    const { status, code, message } = await refusal('live/garden.jpg');
    assert.deepEqual([status, code], [404, 'not_found']);
    assert.match(message, /^garden can't be looked at live/);
    assert.equal((await refusal('live/garden.mjpeg')).status, 404);
    assert.equal((await refusal('live/Front.jpg')).status, 400);
    assert.match((await refusal('live/front.jpg?after=last')).message, /after=last: must be the number of a frame/);
    assert.equal((await refusal('live/front.gif')).status, 404);
    assert.equal(await readers(), 0);
  });

  it('say after a while that the camera sends none, also where it no longer does', async () => {
    await send(1);
    const newest = number(await ask());
    const { status, code, message } = await refusal(`live/front.jpg?after=${newest}&wait=1`);
    assert.deepEqual([status, code], [504, 'camera_timeout']);
    assert.match(message, /^front has sent no live frame for 1 s/);
    assert.equal((await refusal('live/front.jpg?wait=60')).status, 400);
  });
});
