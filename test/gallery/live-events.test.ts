import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { mock } from 'node:test';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import type { CameraControl } from '../../gallery/gallery';
import { EventStreamReader } from '../support/event-stream-reader';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

const tellsId = z.object({ id: z.string(), event: z.string(), url: z.string(), thumbnail_url: z.string() });

describe("the gallery's live events", () => {
  const redis = new TestRedis();
  const readers: EventStreamReader[] = [];
  let server: GalleryServer;

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
  });
  after(async () => {
    await server.stop();
    await redis.stop();
  });
  beforeEach(() => server.renew());
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const open = async (lastEventId?: string) => {
    const reader = await EventStreamReader.open(`${server.url}api/events`, lastEventId);
    readers.push(reader);
    return reader;
  };
  const put = (capturedAt = Date.now()) => server.store.put(newImage({ capturedAt }));
  const redisConnections = async () => (await server.connection.client.clientList()).length;

  it('tell of a new image, and of what is done to it', async () => {
    const reader = await open();
    assert.match(reader.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.match(reader.headers.get('cache-control') ?? '', /no-transform/);
    const { id } = await put();
    await server.store.pin(id);
    await server.store.unpin(id);
    await server.store.delete(id);
    for (const name of ['captured', 'pinned', 'unpinned', 'deleted']) {
      const { event, data } = await reader.next();
      assert.equal(event, name);
      const announcement = parseJson(tellsId, data);
      assert.deepEqual(announcement, { id, event: name, url: `images/${id}`, thumbnail_url: `thumbnails/${id}` });
    }
  });

  it('go on after the last one that a browser has seen', async () => {
    const first = await open();
    await put();
    const seen = await first.next();
    first.close();
    const missed = [await put(), await put()];
    const second = await open(seen.id);
    const later = await put();
    for (const { id } of [...missed, later]) assert.equal(parseJson(tellsId, (await second.next()).data).id, id);
  });

  it('tell a browser where they stand, so that it can go on before it has seen any', async () => {
    await put();
    const first = await open();
    const { id: position } = await first.begun;
    first.close();
    const { id } = await put();
    const second = await open(position);
    assert.equal(parseJson(tellsId, (await second.next()).data).id, id);
  });

  it('tell each event once to many who come and go while it happens', async () => {
    const { id: start } = await (await open()).begun;
    const ids: string[] = [];
    const followers: Promise<EventStreamReader>[] = [];
    for (let count = 0; count < 30; count++) {
      followers.push(open(start));
      ids.push((await put()).id);
    }
    for (const reader of await Promise.all(followers)) {
      const told: string[] = [];
      for (const _ of ids) told.push(parseJson(tellsId, (await reader.next()).data).id);
      assert.deepEqual(told, ids);
    }
  });

  it('say reset to whoever has missed what was trimmed away, too much, or says nonsense', async () => {
    await put();
    const { connection } = server;
    const [entry] = (await connection.client.xRange(connection.keys.events(), '-', '+')) ?? [];
    await put();
    await connection.client.xTrim(connection.keys.events(), 'MAXLEN', 1);
    const nonsense = ['x', '99999999999999999999-0', '1-1', '0-0\u00ff', entry?.id];
    for (const lastEventId of nonsense) {
      const reader = await open(lastEventId);
      assert.deepEqual((await reader.next()).event, 'reset', lastEventId);
      const { id } = await put();
      assert.equal(parseJson(tellsId, (await reader.next()).data).id, id);
    }
    const { id: position } = await (await open()).begun;
    for (let count = 0; count < 501; count++) await put();
    const reader = await open(position);
    const after = await reader.next();
    assert.equal(after.event, 'reset');
    for (let count = 0; count < 3; count++) await server.store.put(newImage({ meta: { note: 'n'.repeat(300_000) } }));
    assert.equal((await (await open(after.id)).next()).event, 'reset');
  });

  it('say that Redis has gone away, and reset when it comes back without its memory', async () => {
    const reader = await open();
    await put();
    const seen = await reader.next();
    await redis.kill();
    // It is no entry of the stream, and has no id of its own.
    assert.deepEqual(await reader.next(), { id: seen.id, event: 'unavailable', data: '{}' });
    await redis.resume();
    await server.connection.ready();
    assert.equal((await reader.next()).event, 'reset');
    const { id } = await put();
    assert.equal(parseJson(tellsId, (await reader.next()).data).id, id);
  });

  it('need one connection to Redis for all who look, and none when nobody does', async () => {
    // Redis may hear this before it notices that the readers of other tests have gone.
    while ((await redisConnections()) > 1);
    const open3 = await Promise.all([open(), open(), open()]);
    await put();
    for (const reader of open3) await reader.next();
    assert.equal(await redisConnections(), 2);
    for (const reader of open3) reader.close();
    while ((await redisConnections()) > 1);
  });

  it('tell of failures, and of cameras that come and go', async () => {
    let change: (camera: string, available: boolean) => void = () => assert.fail('nobody follows the cameras');
    let following = false;
    const control: CameraControl = {
      capture: () => Promise.resolve(),
      available: () => true,
      onAvailability(listener) {
        following = true;
        change = listener;
        return () => {
          following = false;
        };
      },
    };
    await server.renew({ control });
    const reader = await open();
    change('front', false);
    const availability = await reader.next();
    assert.deepEqual([availability.event, availability.data], ['availability', '{"camera":"front","available":false}']);
    const failure = {
      camera: 'front',
      agent: 'pi1',
      timestamp_ms: 1,
      trigger: 'button',
      trigger_source: 'gpio17',
    } as const;
    const error = { code: 'camera_failed', message: 'it is dark\n\ndata: x' };
    await server.store.announce({ v: 1, event: 'failed', ...failure, transaction: 't', error });
    const failed = await reader.next();
    assert.equal(failed.event, 'failed');
    assert.deepEqual(parseJson(z.object({ error: z.unknown() }), failed.data).error, error);
    reader.close();
    while (following) await new Promise(setImmediate);
  });

  it('cut off whoever does not read, and go on for the others', async () => {
    const reader = await open();
    const slow = createConnection(server.port, '127.0.0.1').pause();
    await once(slow, 'connect');
    slow.write('GET /red/luxcam/api/events HTTP/1.1\r\nHost: x\r\n\r\n');
    const meta = { note: 'n'.repeat(500_000) };
    const cut = once(slow, 'close');
    for (let count = 0; count < 40; count++) {
      await server.store.put(newImage({ meta }));
      await reader.next();
    }
    slow.resume();
    slow.on('error', () => undefined);
    await cut;
    assert.ok(slow.bytesRead < 40 * 500_000, `${slow.bytesRead} bytes waited for it`);
  });

  it('show proxies and pages that they are alive, and end when the gallery is another one', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const reader = await open();
      await reader.begun;
      mock.timers.tick(20_000);
      const { event, data } = await reader.next();
      assert.deepEqual([event, data], ['alive', '{}']);
      server.endStreams();
      await assert.rejects(reader.next(), /ended/);
      const other = await open();
      await other.begun;
      server.gallery = undefined;
      mock.timers.tick(20_000);
      await assert.rejects(other.next(), /ended/);
    } finally {
      mock.timers.reset();
    }
  });
});
