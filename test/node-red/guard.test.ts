import assert from 'node:assert/strict';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { NodeRedProcess, users } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';

const pluginsSchema = z.looseObject({ module: z.string().optional() });

for (const roots of [
  { admin: '/admin', node: '/red' },
  // Here Node-RED's editor, with its parsers of forms and JSON, sees each request first.
  { admin: '/', node: '/' },
])
  describe(`the gallery of a Node-RED with its editor at ${roots.admin} and its http nodes at ${roots.node}`, () => {
    const redis = new TestRedis();
    const nodeRed = new NodeRedProcess();
    const { name, password } = users.visitor;
    const known = { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
    const json = { 'content-type': 'application/json' };
    let connection: RedisConnection;
    let store: RedisImageStore;
    let id: string;

    const flow = () => [
      { id: 'tab', type: 'tab' },
      { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: '' },
      {
        ...{
          id: 'gallery',
          type: 'luxcam-gallery',
          store: 'store',
          path: 'pictures',
          allowPin: true,
          allowDelete: true,
        },
        ...{ z: 'tab', x: 100, y: 100, wires: [[]] },
      },
    ];
    const ask = (method: string, path: string, headers: Record<string, string> = known, body?: string) =>
      fetch(`${nodeRed.url}/pictures/${path}`, { method, headers, body, redirect: 'manual' });
    const readings = () => [
      ...['', 'api/images', `api/images/${id}`, 'api/cameras', 'api/stats', 'api/events', 'health'],
      ...[`images/${id}`, `thumbnails/${id}`, 'cameras/front/latest.jpg'],
    ];
    const changes = () =>
      [
        ['POST', `api/images/${id}/pin`],
        ['POST', `api/images/${id}/unpin`],
        ['DELETE', `api/images/${id}`],
        ['POST', 'api/cameras/front/capture'],
      ] as const;
    const page = async () => (await ask('GET', '')).text();
    /** The status of an answer, and that its stream, if it is one, is left. */
    const statusOf = async (response: Response) => {
      await response.body?.cancel();
      return response.status;
    };

    before(async function () {
      this.timeout(120_000);
      await redis.start();
      await nodeRed.start({}, roots);
      connection = new RedisConnection({ url: redis.url, prefix: '' });
      connection.start();
      await connection.ready();
      store = new RedisImageStore({ connection, ownsCameras: true });
      ({ id } = await store.put(newImage({ thumbnail: newImage().bytes })));
      await nodeRed.deploy(flow());
      await nodeRed.logged(/Connected to Redis/);
    });
    after(async () => {
      await Promise.all([nodeRed.stop(), connection?.stop()]);
      await redis.stop();
    });

    it('gives nobody anything without the password of the http nodes', async () => {
      const [script = ''] = (await page()).match(/assets\/[\w.-]+\.js/) ?? [];
      assert.notEqual(script, '');
      for (const path of [...readings(), script, '..%2f..%2fpackage.json'])
        assert.equal(await statusOf(await ask('GET', path, {})), 401, path);
      for (const [method, path] of changes()) assert.equal(await statusOf(await ask(method, path, json)), 401, path);
      assert.notEqual((await store.describe(id))?.expiresAt, null);
    });

    it('sends every request through the middleware of the http nodes and of the dashboard', async () => {
      for (const path of readings()) {
        const response = await ask('GET', path);
        assert.deepEqual(
          ['x-http-node', 'x-dashboard'].map((header) => response.headers.get(header)),
          ['passed', 'passed'],
          path,
        );
        assert.equal(await statusOf(response), 200, path);
        assert.equal(response.headers.get('access-control-allow-origin'), null, path);
      }
      for (const [method, path] of changes())
        assert.equal(
          (await ask(method, path, { ...known, origin: 'null' })).headers.get('x-dashboard'),
          'passed',
          path,
        );
    });

    it('changes nothing for a form or a script of another site, though the browser sends the password', async () => {
      const foreign = { ...known, origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
      for (const [method, path] of changes()) {
        for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json'])
          assert.ok(
            [403, 415].includes(await statusOf(await ask(method, path, { ...foreign, 'content-type': type }, '{}'))),
          );
        // An old browser, which names no site.
        const form = { ...known, 'content-type': 'application/x-www-form-urlencoded' };
        assert.ok([403, 415].includes(await statusOf(await ask(method, path, form, 'a=b'))), path);
      }
      assert.notEqual((await store.describe(id))?.expiresAt, null);
    });

    it('does what it is asked for by its own page', async () => {
      const own = { ...known, ...json, origin: new URL(nodeRed.url).origin, 'sec-fetch-site': 'same-origin' };
      assert.equal(await statusOf(await ask('POST', `api/images/${id}/pin`, own, '{}')), 200);
      assert.equal((await store.describe(id))?.expiresAt, null);
      assert.equal(await statusOf(await ask('POST', 'api/cameras/front/capture', own, '{}')), 403);
    });

    it('lets nobody ask the routes of its dialogs who is not signed in to the editor', async () => {
      for (const [method, path] of [
        ['GET', 'luxcam/cameras'],
        ['GET', 'luxcam/preview?store=store'],
        ['POST', 'luxcam/store-test'],
      ] as const) {
        const body = method === 'POST' ? '{}' : undefined;
        const response = await fetch(`${nodeRed.adminUrl}/${path}`, { method, headers: { ...known, ...json }, body });
        assert.equal(await statusOf(response), 401, path);
        assert.notEqual(await statusOf(await nodeRed.admin(path, method, body && {})), 401, path);
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const test = await nodeRed.admin('luxcam/store-test', 'POST', { id: 'store', url: redis.url }, form);
      assert.equal(await statusOf(test), 415);
    });

    it('takes no harm from hostile names, types and meta', async () => {
      const script = '<script>alert(1)</script>';
      const meta = { [script]: script, __proto__: 'x' };
      const hostile = newImage({ mimeType: `text/html; ${script}`, triggerSource: script, meta });
      const { id: other } = await store.put(hostile);
      for (const part of ['images', 'thumbnails']) {
        const response = await ask('GET', `${part}/${other}`);
        assert.doesNotMatch(response.headers.get('content-type') ?? '', /html|script/);
        assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
        await response.body?.cancel();
      }
      const described = await ask('GET', `api/images/${other}`);
      assert.match(described.headers.get('content-type') ?? '', /^application\/json/);
      for (const wrong of [
        'front%00:1',
        '..%2fimage',
        '%3Cscript%3E',
        'front:1%0d%0aX: y',
        '__proto__',
        'front:-1',
        '*',
      ])
        for (const path of [`images/${wrong}`, `api/images/${wrong}`, `cameras/${wrong}/latest.jpg`]) {
          const response = await ask('GET', path);
          assert.ok([400, 404].includes(response.status), `${path} ${response.status}`);
          assert.match(response.headers.get('content-type') ?? '', /^application\/json/, path);
          await response.body?.cancel();
        }
    });

    it('says without Dashboard 2 that it works without it', async () => {
      const nodes = parseJson(
        z.array(pluginsSchema.extend({ id: z.string() })),
        await (await nodeRed.admin('nodes')).text(),
      );
      const dashboard = '@flowfuse/node-red-dashboard';
      assert.ok(nodes.some(({ module }) => module === dashboard));
      assert.equal((await nodeRed.admin(`nodes/${dashboard}`, 'PUT', { enabled: false })).status, 200);
      const since = nodeRed.log.length;
      await nodeRed.deploy(flow());
      await nodeRed.logged(/Connected to Redis/, since);
      assert.equal(await statusOf(await ask('GET', 'health')), 200);
      assert.match(await page(), /<title>/);
    });
  });
