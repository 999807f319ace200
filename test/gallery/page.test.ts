import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import { errorHandler } from '../../gallery/errors';
import { builtPage, pageRouter } from '../../gallery/page';

// Node-RED brings the Express that will host the router.
const express4: typeof express = createRequire(require.resolve('node-red'))('express');
const goOften = 'go();'.repeat(1000);

describe("the gallery's page", () => {
  let folder = '';
  let server: Server;
  let url = '';

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-page-'));
    await mkdir(path.join(folder, 'assets'));
    await writeFile(path.join(folder, 'assets', 'index-B9JfrnGa.js'), 'go();');
    for (const [name, text] of [
      ['index.html', '<!doctype html><title>gallery</title>'],
      ['assets/index-Compress.js', goOften],
    ] as const) {
      await writeFile(path.join(folder, name), text);
      await writeFile(path.join(folder, `${name}.br`), brotliCompressSync(text));
      await writeFile(path.join(folder, `${name}.gz`), gzipSync(text));
    }
    const app = express();
    app.use('/red/luxcam', pageRouter(folder));
    app.use('/node-red', express4().use('/red/luxcam', pageRouter(folder)));
    app.use('/empty', pageRouter(path.join(folder, 'nothing')));
    app.use(errorHandler(() => undefined));
    const alone = express.Router().use('/alone', pageRouter(folder));
    server = createServer((request, response) => {
      if (!request.url?.startsWith('/alone')) return app(request, response);
      // What Express' types call a request and a response is that of an app.
      Reflect.apply(alone, undefined, [request, response, () => response.writeHead(404).end()]);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    url = `http://127.0.0.1:${address.port}`;
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  const get = (place: string) => fetch(url + place, { redirect: 'manual' });

  const ask = async (place: string, headers: Record<string, string>) => {
    const response = await fetch(url + place, { headers });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };

  it('is asked for anew each time, and lets nothing in that is not its own', async () => {
    const response = await get('/red/luxcam/');
    assert.match(await response.text(), /<title>gallery/);
    assert.equal(response.headers.get('cache-control'), 'no-cache');
    assert.equal(
      response.headers.get('content-security-policy'),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    );
  });

  it('has files that a browser keeps, because their names change with their content', async () => {
    const response = await get('/red/luxcam/assets/index-B9JfrnGa.js');
    assert.match(response.headers.get('content-type') ?? '', /javascript/);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  });

  it('leads to the address with a slash, on a path that a proxy may have changed', async () => {
    for (const [place, location] of [
      ['/red/luxcam', './luxcam/'],
      ['/red/luxcam?a=b', './luxcam/?a=b'],
    ]) {
      const response = await get(place ?? '');
      assert.deepEqual([response.status, response.headers.get('location')], [302, location]);
    }
  });

  for (const [host, place] of [
    ['an app', '/red/luxcam'],
    ['Node-RED', '/node-red/red/luxcam'],
    ['no app, as the gallery alone', '/alone'],
  ] as const) {
    const script = `${place}/assets/index-Compress.js`;

    it(`sends what the browser can unpack, and the file itself to all others, in ${host}`, async () => {
      const tags = new Set<string | null>();
      for (const [accepted, coding] of [
        ['gzip, deflate, br', 'br'],
        ['gzip', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
        ['gzip;q=0, *;q=0.5', 'br'],
        ['BR; q=0.5', 'br'],
        ['', null],
        ['identity', null],
        ['zstd', null],
      ] as const) {
        const { status, headers, body } = await ask(script, { 'accept-encoding': accepted });
        assert.deepEqual([status, headers.get('content-encoding')], [200, coding], accepted);
        assert.equal(body, goOften, accepted);
        assert.equal(headers.get('content-type'), 'text/javascript; charset=utf-8');
        assert.match(headers.get('vary') ?? '', /Accept-Encoding/);
        assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
        assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        const tag = headers.get('etag') ?? '';
        // Without a cache-control of our own, fetch would ask for an answer that is surely new.
        const known = { 'if-none-match': tag, 'cache-control': 'max-age=0' };
        const again = await ask(script, { 'accept-encoding': accepted, ...known });
        assert.deepEqual([again.status, again.headers.get('etag')], [304, tag]);
        assert.match(again.headers.get('vary') ?? '', /Accept-Encoding/);
        tags.add(tag);
      }
      assert.equal(tags.size, 3, 'each has a tag of its own');
      const page = await ask(`${place}/?a=b`, { 'accept-encoding': 'br' });
      assert.equal(page.headers.get('content-encoding'), 'br');
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.equal(page.headers.get('cache-control'), 'no-cache');
      assert.match(page.body, /<title>gallery/);
      const missing = await ask(`${place}/assets/index-B9JfrnGa.js`, { 'accept-encoding': 'br' });
      assert.deepEqual([missing.headers.get('content-encoding'), missing.body], [null, 'go();']);
    });
  }

  it('sends a part of what the browser asked for, and errors that are not compressed', async () => {
    const script = '/red/luxcam/assets/index-Compress.js';
    const range = { range: 'bytes=0-4' };
    const part = await ask(script, { ...range, 'accept-encoding': 'identity' });
    assert.deepEqual([part.status, part.body], [206, goOften.slice(0, 5)]);
    assert.equal(part.headers.get('content-range'), `bytes 0-4/${goOften.length}`);
    const head = await fetch(url + script, { method: 'HEAD', headers: { ...range, 'accept-encoding': 'br' } });
    const compressed = brotliCompressSync(goOften).length;
    assert.deepEqual([head.status, head.headers.get('content-range')], [206, `bytes 0-4/${compressed}`]);
    for (const [name, value, status] of [
      ['range', 'bytes=99999-', 416],
      ['if-match', '"other"', 412],
    ] as const) {
      const refused = await ask(script, { [name]: value, 'accept-encoding': 'br' });
      assert.deepEqual([refused.status, refused.headers.get('content-encoding')], [status, null]);
      assert.match(refused.body, /"invalid_request"/);
    }
  });

  it('gives no file that lies beside it', async () => {
    for (const place of ['/red/luxcam/..%2f..%2fetc%2fpasswd', '/red/luxcam/assets', '/red/luxcam/.env'])
      assert.equal((await get(place)).status, 404, place);
  });

  it('says how to build it where it is missing', async () => {
    assert.match(await (await get('/empty/')).text(), /npm run build/);
  });

  it('lies where the build puts it', () => {
    assert.equal(builtPage(), path.resolve(__dirname, '../../dist/gallery/page'));
  });
});
