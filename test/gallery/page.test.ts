import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { errorHandler } from '../../gallery/errors';
import { builtPage, pageRouter } from '../../gallery/page';

describe("the gallery's page", () => {
  let folder = '';
  let server: Server;
  let url = '';

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-page-'));
    await mkdir(path.join(folder, 'assets'));
    await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>gallery</title>');
    await writeFile(path.join(folder, 'assets', 'index-B9JfrnGa.js'), 'go();');
    const app = express();
    app.use('/red/luxcam', pageRouter(folder));
    app.use('/empty', pageRouter(path.join(folder, 'nothing')));
    app.use(errorHandler(() => undefined));
    server = createServer(app).listen(0, '127.0.0.1');
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
