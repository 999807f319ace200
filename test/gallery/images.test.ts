import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { NewImage } from '../../core/image';
import { imageMessageSchema, parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

const imageSchema = imageMessageSchema.extend({ url: z.string(), thumbnail_url: z.string() });
const pageSchema = z.strictObject({
  images: z.array(imageSchema),
  next: z.string().nullable(),
  total: z.number().nullable(),
});
const errorSchema = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

for (const host of ['express 4', 'express 5'] as const)
  describe(`the gallery's images, on ${host}`, () => {
    const redis = new TestRedis();
    let server: GalleryServer;

    before(async () => {
      await redis.start();
      server = await new GalleryServer(redis).start(host);
    });
    after(async () => {
      await server.stop();
      await redis.stop();
    });
    beforeEach(() => server.renew());

    const put = (given: Partial<NewImage> = {}) => server.store.put(newImage(given));
    const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
    const page = async (query: string) => {
      const response = await get(`api/images?${query}`);
      assert.equal(response.status, 200);
      return parseJson(pageSchema, await response.text());
    };
    const errorOf = async (response: Response) => parseJson(errorSchema, await response.text()).error;
    /** Sends a path as it is, which fetch would tidy up first. */
    const raw = async (path: string, method = 'GET') => {
      const sent = request({ port: server.port, host: '127.0.0.1', path, method }).end();
      const [response] = await Promise.all([
        new Promise<NodeJS.ReadableStream & { statusCode?: number }>((resolve) => sent.once('response', resolve)),
      ]);
      return { status: response.statusCode, body: await text(response) };
    };

    it('lists images newest first, with the addresses that lead to them', async () => {
      const older = await put({ capturedAt: Date.now() - 5000, lux: 12.5, meta: { gain: 2 } });
      const newer = await put({ camera: 'yard', trigger: 'motion', triggerSource: 'gpio17' });
      const { images, next } = await page('');
      assert.deepEqual([images.map(({ id }) => id), next], [[newer.id, older.id], null]);
      assert.equal(images[1]?.url, `images/${older.id}`);
      assert.equal(images[1]?.thumbnail_url, `thumbnails/${older.id}`);
      assert.deepEqual([images[1]?.lux, images[1]?.meta], [12.5, { gain: 2 }]);
      assert.equal((await get(images[1]?.url ?? '')).status, 200);
    });

    it('narrows the list by camera, trigger, time, lux and pinned', async () => {
      const start = Date.now() - 60_000;
      const dark = await put({ capturedAt: start, lux: 1, trigger: 'motion' });
      const bright = await put({ capturedAt: start + 1000, lux: 900 });
      const yard = await put({ camera: 'yard', capturedAt: start + 2000 });
      await server.store.pin(bright.id);
      const ids = async (query: string) => (await page(query)).images.map(({ id }) => id);
      assert.deepEqual(await ids('camera=yard'), [yard.id]);
      assert.deepEqual(await ids('trigger=motion'), [dark.id]);
      assert.deepEqual(await ids(`from=${start + 1}`), [yard.id, bright.id]);
      assert.deepEqual(await ids(`to=${new Date(start + 1000).toISOString()}`), [bright.id, dark.id]);
      assert.deepEqual(await ids('lux_min=0.5&lux_max=10'), [dark.id]);
      assert.deepEqual(await ids('pinned=true'), [bright.id]);
      assert.deepEqual(await ids('pinned=false'), [yard.id, dark.id]);
      await put({ capturedAt: start + 3000, lux: 5, trigger: 'motion' });
      const some = await page(`camera=front&trigger=motion&from=${start}&lux_max=10&pinned=false&limit=1`);
      assert.deepEqual([some.images.length, some.total], [1, 2]);
    });

    it('gives the next page by its cursor', async () => {
      for (const ago of [3, 2, 1]) await put({ capturedAt: Date.now() - ago * 1000 });
      const first = await page('limit=2');
      const second = await page(`limit=2&cursor=${first.next}`);
      assert.deepEqual([first.images.length, second.images.length, second.next], [2, 1, null]);
      assert.deepEqual([first.total, second.total, (await page('limit=2&total=false')).total], [3, null, null]);
    });

    it('names a value that it does not take', async () => {
      const queries = [
        'limit=0',
        'limit=201',
        'limit=1e1',
        'camera=../x',
        'camera=agents',
        'trigger=moon',
        'lux_min=NaN',
      ];
      queries.push(
        'lux_max=-1',
        'from=yesterday',
        'to=99999999999999999999',
        'from=',
        'pinned=1',
        'cursor=front',
        'camera[]=a',
      );
      queries.push('colour=red', '__proto__=1', 'camera=a&camera=b');
      for (const query of queries) {
        const response = await get(`api/images?${query}`);
        const { code, message } = await errorOf(response);
        assert.deepEqual([response.status, code], [400, 'invalid_request'], query);
        assert.ok(message.includes(query.split('=')[0] ?? ''), `${query}: ${message}`);
      }
    });

    it('tells of one image, and of one that is gone', async () => {
      const { id } = await put();
      assert.equal(parseJson(imageSchema, await (await get(`api/images/${id}`)).text()).id, id);
      await server.store.delete(id);
      const response = await get(`api/images/${id}`);
      assert.deepEqual([response.status, (await errorOf(response)).code], [404, 'not_found']);
    });

    it('sends the bytes as they are, and keeps other sites and scripts out', async () => {
      const image = newImage({ ttl: 100 });
      const { id } = await server.store.put(image);
      const response = await get(`images/${id}`);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), image.bytes);
      const header = (name: string) => response.headers.get(name);
      assert.deepEqual([header('content-type'), header('content-length')], ['image/jpeg', '8']);
      assert.equal(header('etag'), `"${image.sha256}"`);
      assert.match(header('cache-control') ?? '', /^private, max-age=(9\d|100)$/);
      assert.equal(header('x-content-type-options'), 'nosniff');
      assert.match(header('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
      assert.equal(header('access-control-allow-origin'), null);
      assert.equal(header('content-disposition'), null);
    });

    it('lets a browser keep an image for five minutes at the most', async () => {
      const { id } = await put({ ttl: 3600 });
      assert.equal((await get(`images/${id}`)).headers.get('cache-control'), 'private, max-age=300');
      await server.store.pin(id);
      assert.equal((await get(`images/${id}`)).headers.get('cache-control'), 'private, max-age=300');
    });

    it('answers 304 to a browser that has the image already', async () => {
      const { id, sha256 } = await put();
      for (const known of [`"${sha256}"`, `"other", W/"${sha256}"`]) {
        const response = await get(`images/${id}`, { 'if-none-match': known });
        assert.deepEqual([response.status, await response.text()], [304, '']);
        assert.equal(response.headers.get('etag'), `"${sha256}"`);
      }
      assert.equal((await get(`images/${id}`, { 'if-none-match': '"other"' })).status, 200);
      await server.store.delete(id);
      assert.equal((await get(`images/${id}`, { 'if-none-match': `"${sha256}"` })).status, 404);
    });

    it('names the file of a download', async () => {
      const { id } = await put({ capturedAt: Date.parse('2126-06-09T10:13:20.123Z'), mimeType: 'image/png' });
      const response = await get(`images/${id}?download`);
      assert.equal(
        response.headers.get('content-disposition'),
        'attachment; filename="front-2126-06-09T10-13-20.123Z.png"',
      );
    });

    it('answers HEAD with the headers alone', async () => {
      const { id } = await put();
      for (const [path, type] of [
        [`images/${id}`, 'image/jpeg'],
        ['api/images', 'application/json; charset=utf-8'],
        ['api/events', 'text/event-stream'],
      ]) {
        const response = await fetch(server.url + path, { method: 'HEAD' });
        assert.deepEqual([response.status, response.headers.get('content-type')], [200, type]);
      }
    });

    it('only offers for download what browsers would not show as a picture', async () => {
      for (const mimeType of [
        'text/html',
        'image/svg+xml',
        'image/jpeg; x=y',
        'constructor',
        '__proto__',
        'a\r\nb: c',
      ]) {
        const { id } = await put({ mimeType });
        const response = await get(`images/${id}`);
        assert.equal(response.headers.get('content-type'), 'application/octet-stream', mimeType);
        assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="front-.*\.bin"$/);
      }
    });

    it('sends no entity tag that is not a SHA-256', async () => {
      const { id } = await put({ sha256: 'a"\r\nSet-Cookie: b=c' });
      const response = await get(`images/${id}`);
      assert.deepEqual(
        [response.status, response.headers.get('etag'), response.headers.get('set-cookie')],
        [200, null, null],
      );
    });

    it('shows its images also where somebody has written nonsense beside them', async () => {
      const { id } = await put({ lux: 5 });
      const { client } = server.connection;
      const nonsense = { image_data: 'x', sha256: 'x', size: 'nan', lux: 'inf', expires_at: '1e300', meta: '[' };
      for (const odd of ['front:1', 'front:-1', 'front:9999999999999999', 'front', '']) {
        await client.hSet(`house:image:${odd}`, nonsense);
        await client.zAdd('house:images:front', { score: odd.length > 9 ? Number.POSITIVE_INFINITY : 1, value: odd });
      }
      await client.zAdd('house:images:..', { score: 1, value: 'front:1' });
      await client.sAdd('house:cameras', ['..', '']);
      assert.equal((await page('')).images[0]?.id, id);
      for (const path of ['api/cameras', 'api/stats', 'images/front:1', 'cameras/front/latest.jpg'])
        assert.equal((await get(path)).status, 200, path);
    });

    it('sends the thumbnail, or the image where none was made', async () => {
      const thumbnail = Buffer.from([0xff, 0xd8, 0x80]);
      const small = await put({ thumbnail, mimeType: 'image/png' });
      const none = await put();
      const first = await get(`thumbnails/${small.id}`);
      assert.equal(first.headers.get('content-type'), 'image/jpeg');
      assert.deepEqual(Buffer.from(await first.arrayBuffer()), thumbnail);
      assert.equal(Buffer.from(await (await get(`thumbnails/${none.id}`)).arrayBuffer()).length, 8);
      assert.equal((await get('thumbnails/front:1')).status, 404);
    });

    it('has one address for the newest image of a camera', async () => {
      assert.equal((await get('cameras/front/latest.jpg')).status, 404);
      await put({ capturedAt: Date.now() - 1000 });
      const { sha256 } = await put({ bytes: Buffer.from('newest') });
      const response = await get('cameras/front/latest.jpg');
      assert.equal(await response.text(), 'newest');
      assert.equal(response.headers.get('cache-control'), 'private, no-cache');
      assert.equal((await get('cameras/front/latest.jpg', { 'if-none-match': `"${sha256}"` })).status, 304);
    });

    it('asks Redis for the bytes once, however many look at them', async () => {
      const sent = async () =>
        Number(/total_net_output_bytes:(\d+)/.exec(await server.connection.client.info('stats'))?.[1]);
      const { id } = await put({ bytes: Buffer.alloc(100_000, 1), thumbnail: Buffer.from('small') });
      const before = await sent();
      for (let count = 0; count < 5; count++) {
        assert.equal((await (await get(`images/${id}`)).arrayBuffer()).byteLength, 100_000);
        assert.equal(await (await get(`thumbnails/${id}`)).text(), 'small');
      }
      const bytes = (await sent()) - before;
      assert.ok(bytes < 150_000, `Redis sent ${bytes} bytes`);
    });

    it('sends the bytes that are there now, if others have come under the same id', async () => {
      const { id, key } = await put();
      await get(`images/${id}`);
      await server.connection.client.hSet(key, { image_data: 'other', sha256: 'f'.repeat(64) });
      assert.equal(await (await get(`images/${id}`)).text(), 'other');
    });

    it('knows nothing of an image that has expired, though it has just sent it', async () => {
      const { id, key } = await put();
      for (const path of [`images/${id}`, `thumbnails/${id}`]) assert.equal((await get(path)).status, 200);
      await server.connection.client.pExpire(key, 1);
      while ((await server.connection.client.exists(key)) === 1);
      assert.deepEqual((await page('')).images, []);
      for (const path of [`images/${id}`, `thumbnails/${id}`, `api/images/${id}`, 'cameras/front/latest.jpg'])
        assert.equal((await get(path)).status, 404, path);
    });

    it('reads no other key of Redis, whatever is asked', async () => {
      await server.connection.client.set('house:secret', 'treasure');
      await server.connection.client.hSet('house:outbox:pi1', { image_data: 'treasure', sha256: 'x' });
      const ids = [
        '..%2f..%2fsecret',
        'front',
        'FRONT:1',
        'front:1%00',
        'front:-1',
        'front:1:2',
        'front:12345678901234567',
        '*',
        '%E0%A4%A',
        '%',
      ];
      for (const id of ids)
        for (const path of [`images/${id}`, `thumbnails/${id}`, `api/images/${id}`, `cameras/${id}/latest.jpg`]) {
          const { status = 0, body } = await raw(`/red/luxcam/${path}`);
          const right = id === 'front' && path.startsWith('cameras') ? status === 404 : status === 400;
          assert.ok(right, `${path}: ${status} ${body}`);
          assert.doesNotMatch(body, /treasure|node_modules|\.ts|\/work|at .*:\d+/);
          parseJson(errorSchema, body);
        }
    });

    it('answers an unknown address or method with 404 in JSON', async () => {
      for (const [path, method] of [
        ['nothing', 'GET'],
        ['../luxcam/%2e%2e/x', 'GET'],
        ['api/images', 'POST'],
        ['api', 'PATCH'],
      ]) {
        const { status, body } = await raw(`/red/luxcam/${path}`, method);
        assert.equal(status, 404, path);
        assert.equal(parseJson(errorSchema, body).error.code, 'not_found');
      }
    });

    it('says that it is being deployed while there is no gallery', async () => {
      server.gallery = undefined;
      for (const path of ['', 'api/images', 'api/events', 'health']) {
        const response = await get(path);
        assert.equal(response.status, 503, path);
        assert.match((await errorOf(response)).message, /deployed/);
      }
    });

    it('keeps to itself where on this machine Redis would be', async () => {
      const connection = new RedisConnection({ url: 'unix:///nowhere/secret.sock', prefix: '' });
      connection.start();
      await once(connection, 'state');
      await server.renew({ store: new RedisImageStore({ connection, ownsCameras: false }) });
      const response = await get('health');
      await connection.stop();
      const { message } = await errorOf(response);
      assert.equal(response.status, 503);
      assert.match(message, /is redis-server running there/);
      assert.doesNotMatch(message, /nowhere/);
    });

    it('says 503 while Redis is away, and goes on when it is back', async () => {
      assert.equal((await get('health')).status, 200);
      await redis.kill();
      for (const path of [
        'health',
        'api/images',
        'api/cameras',
        'api/stats',
        'api/events',
        'images/front:1',
        'cameras/front/latest.jpg',
      ]) {
        const response = await get(path);
        const { code, message } = await errorOf(response);
        assert.deepEqual([response.status, code], [503, 'store_unavailable'], path);
        assert.match(message, /Redis at 127\.0\.0\.1:\d+ answers/);
      }
      await redis.resume();
      await server.connection.ready();
      assert.equal((await get('health')).status, 200);
    });
  });
