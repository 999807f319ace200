import assert from 'node:assert/strict';
import { CameraNames } from '../../../agent/adopt/camera-names';
import { RedisConnection } from '../../../core/redis-connection';
import { TestRedis } from '../../support/redis-server';

interface StartOptions {
  piCamera?: string;
  source?: string;
  keep?: boolean;
}

describe('the names that cameras of older programs get', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;

  const cameras = [
    ['a', 'Cam 01'],
    ['b', 'Cam 01'],
    ['a', 'cam_01'],
    ['a', 'default'],
    ['/', 'agents'],
    ['a', 'Câmera do portão'],
    ['a', '日本'],
    ['a', 'x'.repeat(100)],
    ['b', 'x'.repeat(100)],
  ] as const;
  const start = async ({ piCamera, source = '', keep = true }: StartOptions = {}) => {
    const names = new CameraNames({ connection, piCamera, source, keep });
    await names.start();
    return names;
  };
  const edgeVideo = (owner: string, cameraId: string) =>
    ({ key: 'key', layout: 'edge-video', owner, cameraId, capturedAt: 0 }) as const;
  const nameAll = async (names: CameraNames, order: readonly (readonly [string, string])[] = cameras) => {
    const given = new Map<string, string>();
    for (const [owner, id] of order) given.set(`${owner}/${id}`, await names.find(edgeVideo(owner, id)));
    return given;
  };

  before(async () => {
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: 'house:' });
    connection.start();
    await connection.ready();
  });
  after(async () => {
    await connection.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.client.flushAll();
  });

  it('are those nearest to their own, and never the same for two', async () => {
    const given = await nameAll(await start());
    assert.deepEqual(
      [...given.values()],
      [
        'cam_01',
        'cam_01_2',
        'cam_01_3',
        'default_2',
        'camera',
        'camera_do_portao',
        'camera_2',
        'x'.repeat(64),
        `${'x'.repeat(62)}_2`,
      ],
    );
  });

  it('stay the same, in whichever order the cameras come the next time', async () => {
    const first = await nameAll(await start());
    const second = await nameAll(await start(), cameras.toReversed());
    assert.deepEqual(new Map([...second].reverse()), first);
  });

  it('are others for the cameras of another Redis', async () => {
    await nameAll(await start());
    const others = await start({ source: 'pi2:6379 ' });
    assert.equal(await others.find(edgeVideo('a', 'cam_01')), 'cam_01_4');
  });

  it('are not kept in a dry run', async () => {
    await nameAll(await start({ keep: false }));
    assert.equal(await connection.client.exists('house:adopted_cameras'), 0);
  });

  it('are kept for redis-pi-camera too, of each Redis, also beside a camera of that name', async () => {
    const piCamera = { key: 'image:1', layout: 'redis-pi-camera', owner: '', cameraId: '', capturedAt: 1000 } as const;
    assert.equal(await (await start({ piCamera: 'hall' })).find(piCamera), 'hall');
    const again = await start({ piCamera: undefined });
    assert.equal(await again.find(edgeVideo('', 'redis-pi-camera')), 'redis-pi-camera');
    assert.equal(await again.find(piCamera), 'hall');
    await assert.rejects(start({ piCamera: 'porch' }), /redis-pi-camera's images were adopted as hall/);
    const others = await start({ piCamera: 'porch', source: 'pi2:6379 ' });
    assert.equal(await others.find(piCamera), 'porch');
    assert.equal(await (await start({ piCamera: undefined, source: 'pi3:6379 ' })).find(piCamera), 'default');
  });

  it('are refused to redis-pi-camera, which has one of its own', async () => {
    await nameAll(await start());
    await assert.rejects(start({ piCamera: 'cam_01' }), /The images of a\/Cam 01 were adopted as cam_01/);
  });
});
