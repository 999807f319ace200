import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pino from 'pino';
import sharp from 'sharp';
import { HttpCamera, httpSettings } from '../../../agent/cameras/http';
import { LuxcamError } from '../../../core/luxcam-error';
import { freePort } from '../../support/free-port';

const never = new AbortController().signal;

describe('HttpCamera', () => {
  let port: number;
  let jpeg: Buffer;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => answer(request, response));

  function camera(path = '/snapshot.jpg', credentials = ''): HttpCamera {
    const settings = httpSettings.parse({ type: 'http', url: `http://${credentials}127.0.0.1:${port}${path}` });
    return new HttpCamera({ name: 'door', settings, log: pino({ level: 'silent' }) });
  }

  async function failure(of: HttpCamera): Promise<string> {
    const error = await of.capture(never).then(
      () => assert.fail('it took a picture'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof LuxcamError, String(error));
    assert.equal(error.code, 'camera_failed');
    assert.match(error.message, new RegExp(`^camera door \\(http://127\\.0\\.0\\.1:${port}\\) `));
    return error.message;
  }

  before(async () => {
    jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'navy' } })
      .jpeg()
      .toBuffer();
    port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });

  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('gets a picture whatever type the camera declares, through redirects', async () => {
    answer = ({ url }, response) => {
      if (url === '/snapshot.jpg') response.writeHead(302, { location: '/newest?n=1' }).end();
      else response.writeHead(200, { 'content-type': 'text/plain' }).end(jpeg);
    };
    const before = Date.now();
    const frame = await camera().capture(never);
    assert.ok(frame.jpeg.equals(jpeg));
    assert.ok(frame.capturedAt >= before && frame.capturedAt <= Date.now());
    assert.deepEqual(frame.metadata, {});
  });

  it('sends user and password as Basic authentication, percent-decoded, and nowhere else', async () => {
    let seen: IncomingMessage | undefined;
    answer = (request, response) => {
      seen = request;
      response.end(jpeg);
    };
    await camera('/a?b=c', 'us%40er:p%C3%A4ss%3A%2F@').capture(never);
    const expected = Buffer.from('us@er:päss:/').toString('base64');
    assert.equal(seen?.headers.authorization, `Basic ${expected}`);
    assert.equal(seen?.url, '/a?b=c');
    assert.equal(seen?.headers['cache-control'], 'no-cache', 'no proxy hands out an old picture');
  });

  it('says status and host when it is refused, never the password', async () => {
    answer = (_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    const refused = await failure(camera('/snap?pwd=hidden', 'admin:hidden@'));
    assert.match(refused, /HTTP status 401\. Check the user and the password/);
    assert.doesNotMatch(refused, /hidden|admin/);
    answer = (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Digest realm="x", nonce="y"' }).end();
    assert.match(await failure(camera()), /401\. It wants Digest authentication.*type: ffmpeg/);
    answer = (_request, response) => response.writeHead(503).end('busy');
    assert.match(await failure(camera()), /HTTP status 503/);
  });

  it('refuses an answer that is no whole image', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>log in</html>');
    assert.match(await failure(camera()), /text and no image/);
    answer = (_request, response) => response.end(jpeg.subarray(0, -20));
    assert.match(await failure(camera()), /truncated/);
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': jpeg.length });
      response.write(jpeg.subarray(0, -20), () => response.destroy());
    };
    await failure(camera());
  });

  it('stops reading an answer that never ends', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 1);
    let megabytes = 0;
    answer = (_request, response) => {
      const more = () => {
        do megabytes += 1;
        while (!response.destroyed && response.write(megabyte));
      };
      response.on('drain', more);
      more();
    };
    assert.match(await failure(camera()), /more than 32 MB.*type: ffmpeg/);
    assert.ok(megabytes < 100, `it read about ${megabytes} MB`);
  });

  it('gives up with the reason of its signal, before and during the answer', async () => {
    for (const begin of [false, true]) {
      const controller = new AbortController();
      const reason = new Error('the time is up');
      answer = (_request, response) => {
        if (begin) response.write(jpeg.subarray(0, 100));
        setImmediate(() => controller.abort(reason));
      };
      await assert.rejects(camera().capture(controller.signal), (error) => error === reason);
    }
  });

  it('says that nothing listens there', async () => {
    const closed = port;
    port = await freePort();
    try {
      assert.match(
        await failure(camera('/', 'admin:hidden@')),
        /can't be reached: .*ECONNREFUSED.*Check that it is switched on/,
      );
    } finally {
      port = closed;
    }
  });

  it('is configured with an http or https URL only', () => {
    for (const url of ['ftp://cam/x.jpg', 'cam.local/x.jpg', 'file:///etc/passwd', ''])
      assert.equal(httpSettings.safeParse({ type: 'http', url }).success, false, url);
    assert.ok(httpSettings.safeParse({ type: 'http', url: 'https://user:pass@cam.local:8443/x?y=1' }).success);
    assert.ok(httpSettings.safeParse({ type: 'http', url: 'http://camera/x.jpg' }).success);
  });
});
