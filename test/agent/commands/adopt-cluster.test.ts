import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'redis';
import sharp from 'sharp';
import { z } from 'zod';
import { parseJson } from '../../../core/messages';
import { luxcam } from '../../support/luxcam-command';
import { differentJpeg } from '../../support/old-images';
import { TestRedisCluster } from '../../support/redis-cluster';
import { TestRedis } from '../../support/redis-server';

const summarySchema = z.object({ adopted: z.number(), deleted: z.number() });

describe('luxcam adopt of a Redis Cluster', () => {
  const cluster = new TestRedisCluster();
  const single = new TestRedis();
  const count = 60;
  let folder: string;

  const adopt = async (redis: string, ...words: string[]) => {
    const config = path.join(folder, 'house.yaml');
    await writeFile(config, `redis: { ${redis} }\n`);
    const { output, errors } = await luxcam(['adopt', '--json', '--no-thumbnails', '--config', config, ...words]);
    assert.ok(output, errors);
    return parseJson(summarySchema, output);
  };
  const house = () => `url: '${cluster.url}', prefix: '{house1}:', cluster: true`;
  const originals = async () => {
    const keys = await Promise.all(cluster.nodes.slice(0, 3).map(({ client }) => client.keys('image:*')));
    return keys.map(({ length }) => length);
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-adopt-cluster-'));
    await Promise.all([cluster.start(), single.start()]);
  });
  after(async () => {
    await Promise.all([cluster.stop(), single.stop()]);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await cluster.clear();
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    for (let at = 0; at < count; at += 1) {
      const key = `image:${1_700_000_000 + at}`;
      const { client } = await cluster.primaryOf(key);
      await client.hSet(key, { image_data: differentJpeg(jpeg), timestamp: key.slice('image:'.length) });
    }
    assert.ok((await originals()).every((images) => images > 0));
  });

  it('finds the images on all its nodes, and moves them', async () => {
    assert.equal((await adopt(house())).adopted, count);
    assert.equal((await adopt(house())).adopted, 0);
    const { adopted, deleted } = await adopt(house(), '--move');
    assert.deepEqual([adopted, deleted], [0, count]);
    assert.deepEqual(await originals(), [0, 0, 0]);
  });

  it('finds them from outside too, by any node and a user with no more rights than the documentation gives', async () => {
    const page = await readFile(path.join(__dirname, '../../../docs/adopt.md'), 'utf8');
    const [reader = ''] = page.match(/^user .+$/gm) ?? [];
    for (const { client } of cluster.nodes) await client.sendCommand(['ACL', 'SETUSER', ...reader.split(' ').slice(1)]);
    const { url } = await cluster.primaryOf('{house2}:');
    const from = url.replace('redis://', 'redis://adopt-reader:reader-password@');
    const here = `url: '${single.url}', prefix: 'house1:'`;
    assert.equal((await adopt(here, '--from', from)).adopted, count);
    assert.equal((await adopt(here, '--from', from)).adopted, 0);
    const client = await createClient({ url: single.url, maintNotifications: 'disabled' }).connect();
    assert.equal(await client.zCard('house1:images:default'), count);
    client.destroy();
  });
});
