import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { imageMessageSchema, parseJson } from '../../../core/messages';
import { RedisConnection } from '../../../core/redis-connection';
import { RedisImageStore } from '../../../core/redis-image-store';
import { luxcam } from '../../support/luxcam-command';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

const pageSchema = z.object({
  images: z.array(imageMessageSchema),
  next: z.string().nullable(),
  total: z.number().nullable(),
});

describe('the commands that read images', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let folder: string;
  let ids: string[];
  const began = Date.now() - 60_000;

  const run = (...words: string[]) => luxcam(words, { cwd: folder, env: { REDIS_URL: redis.url } });

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-commands-'));
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    const store = new RedisImageStore({ connection, ownsCameras: true });
    ids = [];
    for (const [at, camera] of ['front', 'garden', 'front', 'front'].entries()) {
      const thumbnail = at === 3 ? Buffer.from('small') : undefined;
      const image = newImage({ camera, capturedAt: began + at * 1000, lux: at * 100, thumbnail });
      ids.unshift((await store.put(image)).id);
    }
    await store.pin(ids[1] ?? '');
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  it('lists the images as a table, newest first', async () => {
    const { status, output } = await run('list');
    const lines = output.trimEnd().split('\n');
    assert.equal(status, 0);
    assert.match(lines[0] ?? '', /^ID +CAPTURED +TRIGGER +LUX +PIXELS +SIZE +LEFT$/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.split(/\s{2,}/)[0]),
      ids,
    );
    assert.match(lines[1] ?? '', /timer +300 +2304x1296 +8 B +59 min$/);
    assert.match(lines[2] ?? '', /pinned$/);
    assert.equal(new Set(lines.map((line) => line.length - line.trimEnd().length)).size, 1);
  });

  it('lists only what is asked for, and goes on where a page ended', async () => {
    const list = async (...words: string[]) => {
      const { images, ...rest } = parseJson(pageSchema, (await run('list', '--json', ...words)).output);
      return { ...rest, ids: images.map(({ id }) => id) };
    };
    assert.deepEqual((await list('--camera', 'garden')).ids, [ids[2]]);
    assert.deepEqual((await list('--lux-min', '100', '--lux-max', '200')).ids, [ids[1], ids[2]]);
    assert.deepEqual((await list('--pinned')).ids, [ids[1]]);
    assert.deepEqual((await list('--from', new Date(began + 2500).toISOString())).ids, [ids[0]]);
    assert.deepEqual((await list('--to', '1h')).ids, []);
    const first = await list('--limit', '3');
    assert.deepEqual(first, { ids: ids.slice(0, 3), next: ids[2], total: 4 });
    assert.deepEqual(await list('--cursor', first.next ?? ''), { ids: ids.slice(3), next: null, total: null });
    assert.equal((await list('--camera', 'front', '--lux-min', '100', '--limit', '1')).total, 2);
    const closing = new RegExp(`\n\n3 of 4\\. There are more: --cursor ${ids[2]}\n$`);
    assert.match((await run('list', '--limit', '3')).output, closing);
    assert.match((await run('list', '--limit', '1', '--cursor', ids[0] ?? '')).output, /\n\nThere are more: --cursor /);
  });

  it('gets the bytes of an image, of the newest of a camera, and of a thumbnail', async () => {
    const { bytes } = newImage();
    assert.deepEqual((await run('get', ids[2] ?? '')).bytes, bytes);
    const file = path.join(folder, 'picture.jpg');
    const written = await run('get', 'front', '--output', file);
    assert.deepEqual([written.status, written.output], [0, '']);
    assert.deepEqual(await readFile(file), bytes);
    assert.equal((await run('get', 'front', '--thumbnail')).output, 'small');
    assert.equal(parseJson(imageMessageSchema, (await run('get', 'front', '--json')).output).id, ids[0]);
  });

  it('says in words what it can not find or reach, with status 1', async () => {
    const gone = await run('get', 'front:1');
    assert.deepEqual([gone.status, gone.output], [1, '']);
    assert.match(gone.errors, /^There is no image front:1: it has expired/);
    const unknown = await run('get', 'attic');
    assert.equal(unknown.status, 1);
    assert.match(unknown.errors, /no image of the camera attic\. Redis knows the cameras front, garden\.$/m);
    const away = await luxcam(['list'], { cwd: folder, env: { REDIS_URL: 'redis://user:secret@127.0.0.1:1' } });
    assert.equal(away.status, 1);
    assert.match(away.errors, /Redis at 127\.0\.0\.1:1 answers: .*is redis-server running there\?$/m);
    assert.ok(!away.errors.includes('secret'));
  });

  it('answers what it does not understand with its usage and status 2', async () => {
    const tries: [string[], RegExp][] = [
      [[], /^No command is given\./],
      [['photograph'], /^There is no command 'photograph'\./],
      [['constructor'], /^There is no command 'constructor'\./],
      [['list', '--colour'], /^luxcam list: Unknown option '--colour'\./],
      [['list', '--limit', '0'], /^luxcam list: --limit '0': it is 1 to 1000\./],
      [['list', '--from', 'yesterday'], /^luxcam list: --from 'yesterday': a time is/],
      [['get'], /^luxcam get: the id or the camera is missing\./],
      [['get', 'front', 'back'], /^luxcam get: 'back' is one word too many\./],
    ];
    for (const [words, complaint] of tries) {
      const { status, output, errors } = await run(...words);
      assert.deepEqual([status, output], [2, ''], words.join(' '));
      assert.match(errors, complaint);
      assert.match(errors, /Usage: luxcam/);
    }
    const help = await run('get', '--help');
    assert.deepEqual([help.status, help.errors], [0, '']);
    assert.match(help.output, /^Usage: luxcam get ID\|CAMERA/);
  });
});
