import assert from 'node:assert/strict';
import { z } from 'zod';
import { LuxcamError } from '../../core/luxcam-error';
import { imageMessageSchema, parseJson } from '../../core/messages';
import type { CameraControl } from '../../gallery/gallery';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

describe('what a visitor may change in the gallery', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let asked: { camera: string; transaction: string }[] = [];

  const control: CameraControl = {
    async capture(camera, transaction) {
      asked.push({ camera, transaction });
    },
    available: (camera) => (camera === 'garage' ? false : camera === 'yard' ? true : null),
    onAvailability: () => () => undefined,
  };
  const permissions = { capture: true, pin: true, delete: true };

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
  });
  after(async () => {
    await server.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    asked = [];
    await server.renew({ permissions, control });
  });

  const send = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(server.url + path, { method, headers: { 'content-type': 'application/json', ...headers }, body: '{}' });
  const put = async () => (await server.store.put(newImage())).id;
  const refused = async (response: Response, status: number, code: string) => {
    const { error } = parseJson(errorSchema, await response.text());
    assert.deepEqual([response.status, error.code], [status, code], error.message);
    return error.message;
  };

  it('is nothing, until the owner allows it', async () => {
    await server.renew({ control });
    const id = await put();
    for (const path of [`api/images/${id}/pin`, `api/images/${id}/unpin`, 'api/cameras/front/capture'])
      await refused(await send('POST', path), 403, 'not_allowed');
    await refused(await send('DELETE', `api/images/${id}`), 403, 'not_allowed');
    assert.notEqual((await server.store.describe(id))?.expiresAt, null);
    assert.deepEqual(asked, []);
  });

  it('is to keep an image, to let it go again, and to delete it', async () => {
    const id = await put();
    const pinned = await send('POST', `api/images/${id}/pin`);
    assert.equal(parseJson(imageMessageSchema, await pinned.text()).expires_at, null);
    assert.equal((await server.store.describe(id))?.expiresAt, null);
    const unpinned = await send('POST', `api/images/${id}/unpin`);
    assert.notEqual(parseJson(imageMessageSchema, await unpinned.text()).expires_at, null);
    assert.equal((await send('DELETE', `api/images/${id}`)).status, 204);
    assert.equal(await server.store.describe(id), null);
    for (const path of [`api/images/${id}/pin`, `api/images/${id}/unpin`])
      await refused(await send('POST', path), 404, 'not_found');
    await refused(await send('DELETE', `api/images/${id}`), 404, 'not_found');
    await refused(await send('DELETE', 'api/images/..%2fcameras'), 400, 'invalid_request');
  });

  it('is to ask a camera for a picture, by a transaction that its announcement carries', async () => {
    const response = await send('POST', 'api/cameras/yard/capture');
    const { transaction } = parseJson(z.object({ transaction: z.string() }), await response.text());
    assert.deepEqual([response.status, asked], [202, [{ camera: 'yard', transaction }]]);
  });

  it('asks a camera that has only images, or whose last capture failed, but none that nobody knows', async () => {
    await put();
    assert.equal((await send('POST', 'api/cameras/front/capture')).status, 202);
    assert.equal((await send('POST', 'api/cameras/garage/capture')).status, 202);
    asked = [];
    await refused(await send('POST', 'api/cameras/moon/capture'), 404, 'not_found');
    await refused(await send('POST', 'api/cameras/%23/capture'), 400, 'invalid_request');
    assert.deepEqual(asked, []);
  });

  it('can not ask a camera without a broker, and says so', async () => {
    await put();
    await server.renew({ permissions });
    await put();
    await refused(await send('POST', 'api/cameras/front/capture'), 503, 'broker_unavailable');
    const away = (error: Error) => ({ ...control, capture: () => Promise.reject(error) });
    await server.renew({ permissions, control: away(new Error('at /secret/place')) });
    const message = await refused(await send('POST', 'api/cameras/yard/capture'), 503, 'broker_unavailable');
    assert.doesNotMatch(message, /secret/);
    await server.renew({ permissions, control: away(new LuxcamError('broker_unavailable', 'the broker sleeps')) });
    assert.match(await refused(await send('POST', 'api/cameras/yard/capture'), 503, 'broker_unavailable'), /sleeps/);
  });

  it('is taken as JSON only, which a form of another site can not send', async () => {
    const id = await put();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/plain; application/json',
      'application/jsonp',
    ])
      await refused(await send('DELETE', `api/images/${id}`, { 'content-type': type }), 415, 'invalid_request');
    const bare = await fetch(`${server.url}api/images/${id}/pin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    assert.equal(bare.status, 200);
    const none = await fetch(`${server.url}api/images/${id}`, { method: 'DELETE' });
    await refused(none, 415, 'invalid_request');
  });

  it('is not taken from the pages of other sites', async () => {
    const id = await put();
    const foreign: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { origin: `http://127.0.0.1:${server.port + 1}` },
      { origin: 'null' },
      { origin: 'nonsense' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: `http://127.0.0.1:${server.port}` },
    ];
    for (const headers of foreign) {
      await refused(await send('DELETE', `api/images/${id}`, headers), 403, 'not_allowed');
      await refused(await send('POST', 'api/cameras/yard/capture', headers), 403, 'not_allowed');
    }
    assert.notEqual(await server.store.describe(id), null);
    assert.deepEqual(asked, []);
    const own: Record<string, string>[] = [
      { origin: `http://127.0.0.1:${server.port}` },
      { 'sec-fetch-site': 'same-origin', origin: 'https://behind.proxy' },
    ];
    for (const headers of own) assert.equal((await send('POST', `api/images/${id}/pin`, headers)).status, 200);
  });

  it('never lets another site read the answer', async () => {
    const id = await put();
    const responses = [await send('POST', `api/images/${id}/pin`), await fetch(`${server.url}api/images`)];
    for (const response of responses) assert.equal(response.headers.get('access-control-allow-origin'), null);
  });

  it('tells the owner of a mistake in the program, and the visitor only that there was one', async () => {
    const problems: string[] = [];
    const broken = { ...control, available: () => assert.fail('broken in /secret/place') };
    await server.renew({ permissions, control: broken, onProblem: (problem) => problems.push(problem) });
    const message = await refused(await send('POST', 'api/cameras/yard/capture'), 500, 'internal_error');
    assert.doesNotMatch(message, /secret|\.ts/);
    assert.match(problems[0] ?? '', /broken in \/secret\/place\n +at /);
  });
});
