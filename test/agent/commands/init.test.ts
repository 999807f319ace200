import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findCameras } from '../../../agent/commands/find-cameras';
import { parseConfiguration } from '../../../agent/config';
import { luxcam } from '../../support/luxcam-command';
import { TestMosquitto } from '../../support/mosquitto';
import { TestRedis } from '../../support/redis-server';

const fakeRpicam = path.join(__dirname, '../../../examples/fake-rpicam-still.mjs');

describe('luxcam init', () => {
  let folder: string;

  const init = (words: string[], env: Record<string, string>) => luxcam(['init', ...words], { cwd: folder, env });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-init-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('writes a configuration with the camera, Redis and broker that it has found', async () => {
    const redis = await new TestRedis().start(['--requirepass', 'secret']);
    const mosquitto = await new TestMosquitto().start();
    try {
      await symlink(fakeRpicam, path.join(folder, 'rpicam-still'));
      const url = redis.url.replace('//', '//:secret@');
      const PATH = `${folder}:${process.env.PATH}`;
      const { status, output } = await init(['--output', 'etc/luxcam.yaml'], {
        REDIS_URL: url,
        MQTT_URL: mosquitto.url,
        PATH,
      });
      assert.equal(status, 0);
      assert.match(output, /^Camera: fake \{ type: rpicam \}.*\nRedis: {2}found\nBroker: found\n/);
      assert.ok(!output.includes('secret'));
      const file = path.join(folder, 'etc/luxcam.yaml');
      const { redis: written, mqtt, cameras } = parseConfiguration(await readFile(file, 'utf8'), file);
      assert.deepEqual([written.url, mqtt.url, cameras.front?.source.type], [url, mosquitto.url, 'rpicam']);
      assert.equal((await stat(file)).mode & 0o777, 0o600, 'a password stands in it');
    } finally {
      await Promise.all([redis.stop(), mosquitto.stop()]);
    }
  });

  it('says what it did not find, and replaces no file unless it is told to', async () => {
    const env = { REDIS_URL: 'redis://127.0.0.1:1', MQTT_URL: 'mqtt://127.0.0.1:1' };
    const { status, output } = await init([], env);
    assert.equal(status, 0);
    assert.match(output, /^Redis: .*is redis-server running there\?\nBroker: .*is the broker running there\?$/m);
    const file = path.join(folder, 'luxcam.yaml');
    const text = await readFile(file, 'utf8');
    parseConfiguration(text, file);
    await writeFile(file, 'mine');
    const again = await init([], env);
    assert.equal(again.status, 1);
    assert.match(again.errors, /^\.\/luxcam\.yaml is there already: --force/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
    assert.equal((await init(['--force'], env)).status, 0);
    assert.equal(await readFile(file, 'utf8'), text);
  });

  it("takes webcams for cameras, and not their metadata devices or the Pi's decoders", async () => {
    const devices = [
      ['video0', 'HD Webcam', '0'],
      ['video1', 'HD Webcam', '1'],
      ['video10', 'bcm2835-codec-decode', '0'],
      ['v4l-subdev0', 'imx708', '0'],
    ] as const;
    for (const [device, name, index] of devices) {
      await mkdir(path.join(folder, device));
      await writeFile(path.join(folder, device, 'name'), `${name}\n`);
      await writeFile(path.join(folder, device, 'index'), `${index}\n`);
    }
    const found = (await findCameras(folder)).filter(({ source }) => source.includes('ffmpeg'));
    assert.deepEqual(found, [{ source: '{ type: ffmpeg, input: /dev/video0 }', about: 'HD Webcam' }]);
  });
});
