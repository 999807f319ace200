import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { warningSchema } from '../../../core/messages';
import { RedisConnection } from '../../../core/redis-connection';
import { RedisImageStore } from '../../../core/redis-image-store';
import { luxcam, runningLuxcam } from '../../support/luxcam-command';
import { TestMosquitto } from '../../support/mosquitto';
import { newImage } from '../../support/new-image';
import { PlayedAgent } from '../../support/node-red-agent';
import { TestRedis } from '../../support/redis-server';
import type { ServerProcess } from '../../support/server-process';

const pageSchema = z.object({ images: z.array(z.object({ id: z.string(), url: z.string() })) });
const camerasSchema = z.object({
  cameras: z.array(
    z.object({ camera: z.string(), available: z.boolean().nullable(), warnings: z.array(warningSchema) }),
  ),
});

describe('luxcam gallery', () => {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let connection: RedisConnection;
  let agent: PlayedAgent;
  let folder: string;
  let id: string;
  let running: ServerProcess | undefined;

  /** Starts it and returns the address that it prints. */
  async function serve(words: string[] = [], configuration: object = {}, env: Record<string, string> = {}) {
    const file = path.join(folder, 'luxcam.yaml');
    const addresses = { redis: { url: redis.url }, mqtt: { url: mosquitto.url } };
    await writeFile(file, JSON.stringify({ ...addresses, ...configuration }));
    running = runningLuxcam(['gallery', '--config', file, '--port', '0', ...words], { env });
    const [, url = ''] = await running.printed(/^Gallery: (.*)$/m);
    return url;
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-gallery-'));
    await Promise.all([redis.start(), mosquitto.start()]);
    agent = await new PlayedAgent().start(mosquitto.url);
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    id = (await new RedisImageStore({ connection, ownsCameras: true }).put(newImage())).id;
  });
  after(async () => {
    await connection.stop();
    await agent.stop();
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    assert.equal(await running?.stop(), 0, 'it stops by itself when it is asked to');
    running = undefined;
  });

  it('serves the images on this machine alone, below the path it is told', async () => {
    const url = await serve(['--path', '/house/luxcam']);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/house\/luxcam\/$/);
    const { images } = pageSchema.parse(await (await fetch(`${url}api/images`)).json());
    assert.deepEqual(
      images.map((image) => image.id),
      [id],
    );
    const bytes = await (await fetch(new URL(images[0]?.url ?? '', url))).arrayBuffer();
    assert.deepEqual(Buffer.from(bytes), newImage().bytes);
    assert.equal((await fetch(new URL('/', url))).status, 404);
  });

  it('knows over MQTT who is there, and asks for pictures where that is allowed', async () => {
    const url = await serve([], { gallery: { allow: { capture: true } } });
    const cameras = async () => camerasSchema.parse(await (await fetch(`${url}api/cameras`)).json()).cameras;
    // Asked until it has heard from the broker, which may be a moment after it listens.
    while ((await cameras())[0]?.available !== true);
    const warning = { kind: 'spool', since: '2026-06-09T10:13:20.123Z', message: 'images of front wait on disk' };
    await agent.say('online', [warning]);
    while ((await cameras())[0]?.warnings.length === 0);
    assert.deepEqual((await cameras())[0]?.warnings, [warning]);
    await agent.say('offline', [warning]);
    while ((await cameras())[0]?.available !== false);
    assert.deepEqual((await cameras())[0]?.warnings, [], 'of one that is gone nobody knows');
    await agent.say('online');
    while ((await cameras())[0]?.available !== true);
    const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
    const answer = await fetch(`${url}api/cameras/front/capture`, post);
    assert.equal(answer.status, 202);
    const { transaction } = z.object({ transaction: z.string() }).parse(await answer.json());
    assert.equal((await agent.command()).command.transaction, transaction);
  });

  it('allows nothing but looking unless its owner says so', async () => {
    const url = await serve();
    const headers = { 'Content-Type': 'application/json' };
    assert.equal((await fetch(`${url}api/images/${id}`, { method: 'DELETE', headers })).status, 403);
    assert.equal((await fetch(`${url}api/images/${id}/pin`, { method: 'POST', headers })).status, 403);
  });

  it('asks for a password that it makes up where others can reach it', async () => {
    const url = (await serve(['--host', '0.0.0.0'])).replace('0.0.0.0', '127.0.0.1');
    const [, user = '', password = ''] = (await running?.printed(/User: (\S+) {2}Password: (\S+)/)) ?? [];
    const ask = (secret?: string) =>
      fetch(url, { headers: secret === undefined ? {} : { Authorization: `Basic ${btoa(secret)}` } });
    const refused = await ask();
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm="luxcam"/);
    assert.equal((await ask(`${user}:${password}x`)).status, 401);
    assert.notEqual((await ask(`${user}:${password}`)).status, 401);
    assert.ok(password.length >= 16);
  });

  it('takes the password from a file or the environment, and asks for it on this machine too', async () => {
    const file = path.join(folder, 'password');
    await writeFile(file, 'from a file\n');
    const url = await serve([], { gallery: { user: 'anna', password_file: file } });
    const status = async (secret: string) =>
      (await fetch(`${url}health`, { headers: { Authorization: `Basic ${btoa(secret)}` } })).status;
    assert.deepEqual([await status('anna:from a file'), await status('luxcam:from a file')], [200, 401]);
    assert.ok(!running?.output.includes('from a file'));
    await running?.stop();
    const other = await serve([], {}, { LUXCAM_GALLERY_PASSWORD: 'from outside' });
    assert.equal((await fetch(`${other}health`)).status, 401);
    const headers = { Authorization: `Basic ${btoa('luxcam:from outside')}` };
    assert.equal((await fetch(`${other}health`, { headers })).status, 200);
  });

  it('answers to no foreign name while it has no password', async () => {
    const url = new URL(await serve());
    const status = async (host: string) => {
      const asked = request(url, { headers: { Host: host } }).end();
      const [response] = await once(asked, 'response');
      response.resume();
      return response.statusCode;
    };
    assert.equal(await status('evil.example'), 403);
    assert.equal(await status('127.0.0.1.evil.example:80'), 403);
    assert.notEqual(await status(`localhost:${url.port}`), 403);
  });

  it('says where it can not listen', async () => {
    const url = await serve();
    const { status, errors } = await luxcam(['gallery', '--port', new URL(url).port], { cwd: folder });
    assert.equal(status, 1);
    assert.match(errors, /^The gallery can't listen on 127\.0\.0\.1, port \d+: .*EADDRINUSE/);
  });
});
