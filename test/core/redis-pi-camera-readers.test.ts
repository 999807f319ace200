import assert from 'node:assert/strict';
import { RESP_TYPES } from 'redis';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

// The commands are those of redis-pi-camera's server/app.py: the version that scans (v0.0.1) asks for them all, later
// ones for the second.
describe("redis-pi-camera's readers", () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });

  it('find an image, its bytes and type, and its time and lux, all as text or bytes', async () => {
    const image = newImage({ lux: 268, capturedAt: Date.now() - 1234 });
    const { id, capturedAt } = await store.put(image);
    const binary = connection.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

    const { keys } = await connection.client.scan('0', { MATCH: 'image:*', TYPE: 'HASH', COUNT: 1000 });
    assert.deepEqual(
      keys.map((key) => key.replace(/^image:/, '')),
      [id],
    );
    const [bytes, mimeType] = await binary.hmGet(`image:${id}`, ['image_data', 'mime_type']);
    assert.deepEqual([bytes, mimeType?.toString()], [image.bytes, 'image/jpeg']);
    assert.deepEqual(await connection.client.hmGet(`image:${id}`, ['timestamp', 'mime_type', 'lux']), [
      `${Math.floor(capturedAt / 1000)}`,
      'image/jpeg',
      '268',
    ]);
  });
});
