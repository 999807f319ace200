import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RESP_TYPES } from 'redis';
import sharp from 'sharp';
import { z } from 'zod';
import type { StoredImage } from '../../../core/image';
import { parseJson } from '../../../core/messages';
import { RedisConnection, type RedisSettings } from '../../../core/redis-connection';
import { RedisHold } from '../../../core/redis-hold';
import { RedisImageStore } from '../../../core/redis-image-store';
import { luxcam, runningLuxcam } from '../../support/luxcam-command';
import { newImage } from '../../support/new-image';
import { differentJpeg, storeAsEdgeVideo, storeAsOlderEdgeVideo, storeAsPiCamera } from '../../support/old-images';
import { TestRedis } from '../../support/redis-server';

const summarySchema = z.object({
  adopted: z.number(),
  here: z.number(),
  deleted: z.number(),
  kept: z.number(),
  left_out: z.array(z.object({ key: z.string(), reason: z.string() })),
  interrupted: z.boolean(),
  cameras: z.array(
    z.object({ layout: z.string(), from: z.string(), camera: z.string(), images: z.number(), known: z.number() }),
  ),
});

describe('luxcam adopt', () => {
  const redis = new TestRedis();
  const otherRedis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let folder: string;
  let jpeg: Buffer;

  const client = () => connection.client;
  const binary = () => client().withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const now = () => Math.floor(Date.now() / 1000);
  const run = (...words: string[]) => luxcam(['adopt', ...words], { cwd: folder, env: { REDIS_URL: redis.url } });
  const adopt = async (...words: string[]) => {
    const { output, errors, status } = await run('--json', ...words);
    assert.ok(output, errors);
    return { ...parseJson(summarySchema, output), status };
  };
  const imagesOf = async (camera: string): Promise<StoredImage[]> =>
    (await store.list({ cameras: [camera], limit: 1000 })).images.reverse();
  const bytesOf = async (image: StoredImage | undefined) => (await store.get(image?.id ?? 'none:0'))?.bytes;
  /** All that lies in Redis, as Redis itself would save it. */
  const everything = async () => {
    const keys = (await client().keys('*')).sort();
    return Promise.all(keys.map(async (key) => [key, await binary().dump(key)]));
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-adopt-'));
    await Promise.all([redis.start(), otherRedis.start()]);
    connection = await connect({ url: redis.url, prefix: '' });
    store = new RedisImageStore({ connection, ownsCameras: false });
    jpeg = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
  });
  after(async () => {
    await connection.stop();
    await Promise.all([redis.stop(), otherRedis.stop()]);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await client().flushAll();
  });

  describe('with some hundred images of all layouts', () => {
    const originals = new Map<string, { bytes: Buffer; camera: string; capturedAt: number; left: number }>();

    beforeEach(async () => {
      originals.clear();
      const began = now() - 1000;
      for (let at = 0; at < 100; at += 1) {
        const expiry = 2000 + at;
        const seconds = began + at;
        const piCamera = differentJpeg(jpeg);
        const key = await storeAsPiCamera(client(), seconds, piCamera, { expiry, lux: at });
        originals.set(key, { bytes: piCamera, camera: 'default', capturedAt: seconds * 1000, left: expiry });

        const frame = differentJpeg(jpeg);
        const nanoseconds = BigInt(seconds) * 1_000_000_000n + 123_456_789n;
        const place = { vhost: 'supermercado_vhost', camera: `cam${at % 3}`, nanoseconds, sequence: at };
        const frameKey = await storeAsEdgeVideo(client(), place, frame, expiry);
        originals.set(frameKey, {
          bytes: frame,
          camera: place.camera,
          capturedAt: seconds * 1000 + 123,
          left: expiry,
        });

        const older = differentJpeg(jpeg);
        const time = new Date(seconds * 1000 - 10_800_000).toISOString().replace('.000Z', '.500000001-03:00');
        const olderPlace = { vhost: 'shop', camera: 'Câmera 01', time, sequence: at };
        const olderKey = await storeAsOlderEdgeVideo(client(), olderPlace, older, expiry);
        originals.set(olderKey, { bytes: older, camera: 'camera_01', capturedAt: seconds * 1000 + 500, left: expiry });
      }
    });

    it('copies them byte for byte, with their time, their lux and what is left of their life', async () => {
      const before = await everything();
      const { status, output } = await run();
      assert.equal(status, 0);
      assert.match(output, /shop\/Câmera 01 +edge-video +camera_01 +100 +0\n/);
      assert.match(output, /redis-pi-camera +redis-pi-camera +default +100 +0\n/);
      assert.match(output, /^Images: 300 adopted \(.* KB\)\n$/m);
      const images = (await Promise.all(['default', 'cam0', 'cam1', 'cam2', 'camera_01'].map(imagesOf))).flat();
      assert.equal(images.length, 300);
      for (const image of images) {
        const original = originals.get(image.triggerSource);
        assert.ok(original, `${image.triggerSource} is none of the old keys`);
        assert.deepEqual(await bytesOf(image), original.bytes);
        assert.deepEqual([image.camera, image.capturedAt], [original.camera, original.capturedAt]);
        assert.deepEqual([image.trigger, image.mimeType, image.width], ['adopted', 'image/jpeg', 640]);
        const asked = Date.now();
        const [left, oldLeft] = await Promise.all([client().pTTL(image.key), client().pTTL(image.triggerSource)]);
        assert.ok(Math.abs(left - oldLeft) < 250, `${image.id} has ${left} ms left, its original ${oldLeft}`);
        const told = image.expiresAt ?? 0;
        // The answer was on its way for as long as the machine is busy.
        assert.ok(told > asked + left - 250 && told < Date.now() + left + 250, `${image.id} tells another expiry`);
        assert.ok(Math.abs(image.ttl - ((image.expiresAt ?? 0) - image.capturedAt) / 1000) <= 0.5);
      }
      const piImages = await imagesOf('default');
      assert.deepEqual(
        piImages.map(({ lux }) => lux),
        piImages.map((_image, at) => at),
      );
      assert.ok(
        images.every(({ sequence }) => sequence === 0),
        'an old image was counted',
      );
      const bright = await store.list({ cameras: ['default'], luxMin: 90, limit: 20 });
      assert.deepEqual([bright.images.length, bright.images[0]?.lux], [10, 99]);
      const small = await store.thumbnail(piImages[0]?.id ?? '');
      assert.equal((await sharp(small?.thumbnail ?? Buffer.alloc(0)).metadata()).width, 320);
      assert.equal(await client().exists('events'), 0, 'old images were announced as new ones');
      const after = new Map((await everything()).map(([key, value]) => [`${key}`, value]));
      for (const [key, value] of before) assert.deepEqual(after.get(`${key}`), value, `${key} has changed`);
    });

    it('brings only what is new when it runs again, and nothing that was deleted here', async () => {
      assert.equal((await adopt('--no-thumbnails')).adopted, 300);
      const [deleted] = await imagesOf('default');
      await store.delete(deleted?.id ?? '');
      const bytes = differentJpeg(jpeg);
      await storeAsPiCamera(client(), now(), bytes, { expiry: 100 });
      const again = await adopt('--no-thumbnails');
      assert.deepEqual([again.adopted, again.status], [1, 0]);
      assert.equal(
        again.cameras.reduce((sum, { known }) => sum + known, 0),
        300,
      );
      assert.deepEqual(await bytesOf((await imagesOf('default')).at(-1)), bytes);
      assert.equal(await store.describe(deleted?.id ?? ''), null);
      assert.equal((await adopt('--no-thumbnails')).adopted, 0);
    });

    it('changes nothing in a dry run, and tells what it would do', async () => {
      await client().set('image:1', 'no image', { expiration: { type: 'EX', value: 100 } });
      const before = await everything();
      const dry = await adopt('--dry-run', '--move');
      assert.deepEqual([dry.adopted, dry.deleted, dry.left_out.length, dry.status], [300, 300, 1, 1]);
      assert.deepEqual(await everything(), before);
    });

    it('ends cleanly when it is interrupted, and goes on the next time', async () => {
      const command = runningLuxcam(['adopt', '--json'], { env: { REDIS_URL: redis.url, LUXCAM_CONFIG: '/dev/null' } });
      while ((await client().zCard('images:default')) < 20);
      assert.equal(await client().exists('adopter'), 1);
      const [status] = await Promise.all([once(command.child, 'close'), command.child.kill('SIGINT')]);
      assert.deepEqual(status, [1, null], command.output);
      const text = command.output;
      const first = parseJson(summarySchema, text);
      assert.ok(first.interrupted && first.adopted >= 20 && first.adopted < 300, text);
      const indexed = async () =>
        (await Promise.all((await store.cameras()).map((camera) => imagesOf(camera)))).flat().length;
      assert.equal(await indexed(), first.adopted);
      const second = await adopt();
      assert.deepEqual([second.adopted + first.adopted, second.interrupted, second.status], [300, false, 0]);
      assert.equal(await indexed(), 300);
    });

    it('lets no second one copy at the same time, and says who does', async () => {
      const first = new RedisHold(connection, connection.keys.adopter(), 60_000);
      await first.take();
      const second = await run();
      assert.equal(second.status, 1);
      assert.match(
        second.errors,
        /Another luxcam adopt copies images to this Redis, on .* since .*: wait until it has/,
      );
      assert.equal((await adopt('--dry-run')).adopted, 300);
      await first.release();
      assert.equal((await adopt('--no-thumbnails')).adopted, 300);
      assert.equal(await client().exists('adopter'), 0);
    });

    it('moves them: an original goes once its copy is stored', async () => {
      const { adopted, deleted, status } = await adopt('--move', '--no-thumbnails');
      assert.deepEqual([adopted, deleted, status], [300, 300, 0]);
      assert.equal(await client().exists([...originals.keys()]), 0);
      for (const image of await imagesOf('cam1'))
        assert.deepEqual(await bytesOf(image), originals.get(image.triggerSource)?.bytes);
      assert.deepEqual(await client().keys('adopted:*'), [], 'it still remembers originals that are gone');
    });

    it('deletes the originals of earlier copies, but never one whose copy is gone', async () => {
      await adopt('--no-thumbnails');
      const [lost] = await imagesOf('default');
      await client().unlink(lost?.key ?? '');
      const { adopted, deleted, kept, status } = await adopt('--move', '--no-thumbnails');
      assert.deepEqual([adopted, deleted, kept, status], [0, 299, 1, 1]);
      assert.equal(await client().exists(lost?.triggerSource ?? ''), 1);
    });
  });

  it('keeps for ever what had no expiry, and its other fields as meta', async () => {
    await storeAsPiCamera(client(), 1_700_000_000, jpeg, { extra: { noise: '42.5 dB' } });
    // The first versions of redis-pi-camera kept plain strings.
    await client().set('image:1681000000', differentJpeg(jpeg));
    assert.equal((await adopt('--camera', 'hall')).adopted, 2);
    const images = await imagesOf('hall');
    assert.deepEqual(
      images.map(({ id, expiresAt }) => [id, expiresAt]),
      [
        ['hall:1681000000000', null],
        ['hall:1700000000000', null],
      ],
    );
    assert.equal(await client().pTTL('image:hall:1700000000000'), -1);
    assert.deepEqual(images[1]?.meta, { noise: '42.5 dB' });
    assert.equal(images[1]?.lux, null);
    assert.deepEqual((await store.list({ limit: 10, pinned: true })).images.length, 2);
    assert.equal((await adopt('--camera', 'hall')).adopted, 0);
  });

  it("stays with the camera that redis-pi-camera's images got, and refuses another one", async () => {
    await storeAsPiCamera(client(), 1_700_000_000, jpeg, { expiry: 900 });
    assert.equal((await adopt('--camera', 'porch', '--dry-run')).adopted, 1);
    assert.equal((await adopt('--camera', 'hall')).adopted, 1);
    const again = await adopt();
    assert.deepEqual([again.adopted, again.cameras[0]?.camera, again.cameras[0]?.known], [0, 'hall', 1]);
    assert.equal((await adopt('--camera', 'hall')).adopted, 0);
    const other = await run('--camera', 'porch');
    assert.equal(other.status, 1);
    assert.match(other.errors, /redis-pi-camera's images were adopted as hall: leave --camera out/);
    assert.deepEqual(await store.cameras(), ['hall']);
  });

  it('keeps of other fields what fits into the 16 KB of meta', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => [`field ${at}`, 'é"'.repeat(300)]);
    await storeAsPiCamera(client(), 1_700_000_000, jpeg, { extra: Object.fromEntries(texts) });
    assert.equal((await adopt()).adopted, 1);
    const [image] = await imagesOf('default');
    const text = (await client().hGet(image?.key ?? '', 'meta')) ?? '';
    const size = Buffer.byteLength(text);
    assert.ok(size <= 16 * 1024 && size > 14 * 1024, `${size} bytes`);
    for (const value of Object.values(image?.meta ?? {})) assert.equal(value, 'é"'.repeat(300));
  });

  it('joins two cameras of the same name in no case', async () => {
    for (const [at, camera] of ['Cam 01', 'cam_01'].entries()) {
      const nanoseconds = BigInt(now()) * 1_000_000_000n;
      await storeAsEdgeVideo(client(), { vhost: 'v', camera, nanoseconds, sequence: at }, differentJpeg(jpeg), 500);
    }
    const { cameras } = await adopt();
    assert.deepEqual(cameras.map(({ camera }) => camera).sort(), ['cam_01', 'cam_01_2']);
    for (const { camera } of cameras) assert.equal((await imagesOf(camera)).length, 1);
    const other = await run('--camera', 'cam_01');
    assert.equal(other.status, 1);
    assert.match(other.errors, /were adopted as cam_01: name another camera/);
  });

  it('leaves out what is no image, names it and goes on', async () => {
    const put = (key: string, value: string | Buffer) =>
      client().set(key, value, { expiration: { type: 'EX', value: 900 } });
    await put('image:1700000001', jpeg.subarray(0, 600));
    await put('v:frames:cam:1700000000000000001:00001', 'no image');
    await client().lPush('image:1700000002', 'a list');
    await client().hSet('image:1700000003', { timestamp: '1700000003' });
    await client().hSet('v:frames:cam:1700000000000000004:00004', { image_data: jpeg });
    await client().setRange('v:frames:cam:1700000000000000005:00005', 50 * 1024 * 1024, 'x');
    await put('v:frames:cam:1700000000000000006:00006', jpeg);
    const { adopted, left_out, status } = await adopt('--dry-run');
    assert.deepEqual([adopted, status], [1, 1]);
    const reasons = new Map(left_out.map(({ key, reason }) => [key, reason]));
    assert.equal(reasons.size, 6);
    assert.match(reasons.get('image:1700000001') ?? '', /the JPEG is truncated/);
    assert.match(reasons.get('image:1700000002') ?? '', /holds a list/);
    assert.match(reasons.get('image:1700000003') ?? '', /no image_data/);
    assert.match(reasons.get('v:frames:cam:1700000000000000001:00001') ?? '', /text and no image/);
    assert.match(reasons.get('v:frames:cam:1700000000000000004:00004') ?? '', /holds a hash/);
    assert.match(reasons.get('v:frames:cam:1700000000000000005:00005') ?? '', /more than 32 MB/);
    const { errors, output } = await run();
    assert.match(output, /^Images: 1 adopted \(.* KB\)\n$/m);
    assert.match(errors, /^Left out: 6\n(?: {2}\S+: .+\n){5} {2}\.\.\. --json names them all\n$/);
  });

  it('leaves out what was taken more than a minute ahead of now, so that the camera goes on with ids of now', async () => {
    const [near, far] = [now() + 30, now() + 3600];
    for (const seconds of [near, far]) await storeAsPiCamera(client(), seconds, differentJpeg(jpeg), { expiry: 900 });
    const dry = await adopt('--dry-run');
    assert.deepEqual([dry.adopted, dry.left_out.length], [1, 1]);
    const { adopted, left_out, status } = await adopt();
    assert.deepEqual([adopted, status], [1, 1]);
    assert.equal(left_out[0]?.key, `image:${far}`);
    assert.match(left_out[0]?.reason ?? '', /its time is more than a minute ahead of Redis' clock/);
    assert.deepEqual(
      (await imagesOf('default')).map(({ capturedAt }) => capturedAt),
      [near * 1000],
    );
  });

  it('never takes its own images, or those of another house, for old ones', async () => {
    const prefix = 'v:frames:';
    const config = path.join(folder, 'house.yaml');
    await writeFile(config, `redis: { url: '${redis.url}', prefix: '${prefix}' }\n`);
    const own = await connect({ url: redis.url, prefix });
    const house = new RedisImageStore({ connection: own, ownsCameras: true });
    // A camera whose name looks like edge-video's time.
    await house.put(newImage({ camera: '1700000000000000000', bytes: jpeg }));
    await store.put(newImage({ bytes: jpeg }));
    await own.stop();
    const before = await everything();
    const { status, errors } = await run('--config', config);
    assert.equal(status, 0);
    assert.match(errors, /^There are no images of older programs\.\n$/);
    assert.deepEqual(await everything(), before);
  });

  it('takes those of another Redis and one layout, by users with no more rights than the documentation gives', async () => {
    const page = await readFile(path.join(__dirname, '../../../docs/adopt.md'), 'utf8');
    const [reader = '', writer = ''] = page.match(/^user .+$/gm) ?? [];
    const other = await connect({ url: otherRedis.url, prefix: '' });
    await other.client.sendCommand(['ACL', 'SETUSER', ...reader.split(' ').slice(1)]);
    await client().sendCommand(['ACL', 'SETUSER', ...writer.split(' ').slice(1)]);
    const bytes = differentJpeg(jpeg);
    await storeAsPiCamera(other.client, 1_700_000_000, bytes, { expiry: 100 });
    await storeAsPiCamera(client(), 1_700_000_000, jpeg, { expiry: 100 });
    const frame = { vhost: 'v', camera: 'cam', nanoseconds: 1_700_000_000_000_000_000n, sequence: 1 };
    await storeAsEdgeVideo(other.client, frame, jpeg, 100);
    await other.stop();

    const config = path.join(folder, 'house1.yaml');
    const url = redis.url.replace('redis://', 'redis://adopt-writer:writer-password@');
    await writeFile(config, `redis: { url: '${url}', prefix: 'house1:' }\n`);
    const from = otherRedis.url.replace('redis://', 'redis://adopt-reader:reader-password@');
    const words = ['--config', config, '--layout', 'redis-pi-camera', '--from'];
    const first = await adopt(...words, from);
    assert.deepEqual([first.adopted, first.cameras.length, first.status], [1, 1, 0]);
    assert.equal((await adopt(...words, from)).adopted, 0);
    const here = await adopt(...words, redis.url);
    assert.equal(here.adopted, 1, 'the image of the same key, but of another Redis, was taken for known');

    const house = await connect({ url: redis.url, prefix: 'house1:' });
    const houseStore = new RedisImageStore({ connection: house, ownsCameras: false });
    const { images } = await houseStore.list({ limit: 10 });
    const copies = await Promise.all(images.map(({ id }) => houseStore.get(id)));
    await house.stop();
    assert.deepEqual(
      copies.map((copy) => [copy?.image.id, copy?.bytes]),
      [
        ['default:1700000000001', jpeg],
        ['default:1700000000000', bytes],
      ],
    );
  });
});

async function connect(settings: RedisSettings): Promise<RedisConnection> {
  const connection = new RedisConnection(settings);
  connection.start();
  await connection.ready();
  return connection;
}
