import assert from 'node:assert/strict';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { GalleryServer } from '../support/gallery-server';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

const countsSchema = z.strictObject({ counts: z.array(z.tuple([z.number(), z.number()])) });
const hour = 3_600_000;
const now = Math.floor(Date.now() / hour) * hour;

describe("the gallery's counts", () => {
  const redis = new TestRedis();
  let server: GalleryServer;

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    await server.renew();
    const at = (hours: number, given: Parameters<typeof newImage>[0] = {}) =>
      server.store.put(newImage({ ttl: 10 * 86_400, capturedAt: now + hours * hour, ...given }));
    await at(-100.1, { camera: 'yard' });
    await at(-2);
    await at(-1.6, { trigger: 'motion', lux: 5 });
    await at(-1.5, { camera: 'yard', trigger: 'motion', lux: 900 });
    await at(-1, { camera: 'yard', lux: 20 });
    await server.store.pin(`yard:${now - 1.5 * hour}`);
    await server.store.pin(`front:${now - 2 * hour}`);
    await server.connection.client.sAdd('house:cameras', '../odd');
    await server.connection.client.zAdd('house:images:../odd', { score: now, value: 'odd' });
  });
  after(async () => {
    await server.stop();
    await redis.stop();
  });

  /** Each start in hours from now, and the number. */
  async function counts(query: string): Promise<[number, number][]> {
    const response = await fetch(`${server.url}api/counts?${query}`);
    assert.equal(response.status, 200);
    return parseJson(countsSchema, await response.text()).counts.map(([start, images]) => [
      (start - now) / hour,
      images,
    ]);
  }

  it('tell how many images each hour holds, newest first, of all cameras, of one, and between two times', async () => {
    assert.deepEqual(await counts(''), [
      [-1, 1],
      [-2, 3],
      [-101, 1],
    ]);
    assert.deepEqual(await counts('camera=yard'), [
      [-1, 1],
      [-2, 1],
      [-101, 1],
    ]);
    assert.deepEqual(await counts(`from=${now - 1.9 * hour}&to=${now - 1.5 * hour}`), [[-2, 2]]);
    assert.deepEqual(await counts('camera=moon'), []);
  });

  it('tell it of shorter stretches of time too', async () => {
    assert.deepEqual(await counts(`minutes=15&from=${now - 2 * hour}`), [
      [-1, 1],
      [-1.5, 1],
      [-1.75, 1],
      [-2, 1],
    ]);
    assert.equal((await fetch(`${server.url}api/counts?minutes=7`)).status, 400);
  });

  it('follow the filter', async () => {
    assert.deepEqual(await counts('trigger=motion'), [[-2, 2]]);
    assert.deepEqual(await counts('pinned=true'), [[-2, 2]]);
    assert.deepEqual(await counts('pinned=true&trigger=motion'), [[-2, 1]]);
    assert.deepEqual(await counts(`pinned=false&from=${now - 50 * hour}`), [
      [-1, 1],
      [-2, 1],
    ]);
    assert.deepEqual(await counts('lux_min=20'), [
      [-1, 1],
      [-2, 1],
    ]);
    assert.deepEqual(await counts('lux_max=20&trigger=motion'), [[-2, 1]]);
    assert.deepEqual(await counts('lux_min=6&lux_max=19'), []);
  });

  it('count thousands of stretches and of images', async () => {
    const transaction = server.connection.client.multi();
    for (let at = 1; at <= 4500; at++)
      transaction.zAdd('house:images:lake', { score: at * hour, value: `lake:${at * hour}` });
    transaction.sAdd('house:cameras', 'lake');
    await transaction.exec();
    const found = await counts('camera=lake');
    assert.equal(found.length, 4500);
    assert.ok(found.every(([, images]) => images === 1));
    // None of them is there: they are counted until the index is trimmed, but not where each is looked at.
    assert.deepEqual(await counts('camera=lake&lux_min=0'), []);
    await server.store.trimIndex();
    assert.deepEqual(await counts('camera=lake'), []);
  });
});
