import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { hrtime } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { rpicamSettings } from '../../../agent/cameras/rpicam-settings';
import { RpicamWarmCamera } from '../../../agent/cameras/rpicam-warm';
import { readImage } from '../../../core/image-format';
import { LuxcamError } from '../../../core/luxcam-error';
import { exifThumbnail } from '../../../core/thumbnail';
import { TestLog } from '../../support/log';
import { CameraFolder, fakeRpicam, processesWith } from './fake-rpicam';

const never = new AbortController().signal;
const small = { width: 320, height: 180 };

describe('RpicamWarmCamera', () => {
  const folder = new CameraFolder();
  let cameras: RpicamWarmCamera[] = [];
  let kept: TestLog;

  async function started(settings: object = {}): Promise<RpicamWarmCamera> {
    kept = new TestLog();
    const camera = new RpicamWarmCamera({
      name: 'roof',
      settings: rpicamSettings.parse({ type: 'rpicam', program: fakeRpicam, ...small, ...settings }),
      log: kept.log,
    });
    cameras.push(camera);
    await camera.start();
    return camera;
  }

  async function failure(of: Promise<unknown>): Promise<string> {
    const error = await of.then(
      () => assert.fail('it went well'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof LuxcamError && error.code === 'camera_failed', String(error));
    return error.message;
  }

  /** The id of the camera program, which has a guard of the same group beside it. */
  async function program(): Promise<number> {
    return Math.min(...(await processesWith(folder.path)));
  }

  beforeEach(() => folder.make());
  afterEach(async () => {
    await Promise.all(cameras.map((camera) => camera.stop()));
    cameras = [];
    await folder.check();
  });

  it('takes one picture after the other with the same run of the program, in memory that is cleared', async () => {
    process.env.FAKE_RPICAM_LUX = '12.5';
    const camera = await started();
    const before = await program();
    for (let count = 0; count < 5; count += 1) {
      const { jpeg, lux, metadata } = await camera.capture(never);
      assert.deepEqual(readImage(jpeg), { mimeType: 'image/jpeg', ...small });
      assert.deepEqual(readImage(exifThumbnail(jpeg) ?? assert.fail()), { mimeType: 'image/jpeg', ...small });
      assert.deepEqual([lux, metadata.ExposureTime, metadata.ColourTemperature], [12.5, 29958, 4521]);
    }
    assert.equal(await program(), before);
    const [only = assert.fail()] = await readdir(folder.path);
    assert.deepEqual(await readdir(`${folder.path}/${only}`), [], 'no picture stays in the folder');
  });

  it('gives frames to look at live while captures are taken, without either losing one', async () => {
    const camera = await started();
    const before = await program();
    const captured: number[] = [];
    const looking = (async () => {
      while (captured.length < 4) assert.deepEqual(readImage((await camera.frame(never)).jpeg).width, small.width);
    })();
    for (let count = 0; count < 4; count += 1) captured.push((await camera.capture(never)).capturedAt);
    await looking;
    assert.equal(new Set(captured).size, 4);
    assert.equal(await program(), before);
  });

  it('never takes a picture from before the request, however long frames are under way, and tells its true time', async () => {
    for (const latency of [66, 150]) {
      process.env.FAKE_RPICAM_LATENCY = `${latency}`;
      const camera = await started();
      for (let count = 0; count < 3; count += 1) {
        const [asked, askedAt] = [hrtime.bigint(), Date.now()];
        const { metadata, capturedAt } = await camera.capture(never);
        assert.ok(BigInt(metadata.SensorTimestamp ?? 0) >= asked, 'it was exposed after the request');
        assert.ok(capturedAt >= askedAt - 1 && capturedAt <= Date.now() - latency + 1, 'and is dated so');
      }
      await camera.stop();
    }
  });

  it('waits for a camera that is late, and does not kill it by an early signal', async () => {
    process.env.FAKE_RPICAM_DELAY = '500';
    const camera = await started();
    const before = await program();
    assert.ok((await camera.capture(never)).jpeg.length > 0);
    assert.equal(await program(), before);
  });

  it('passes the settings on', async () => {
    process.env.FAKE_RPICAM_CAMERAS = '2';
    const settings = { camera: 1, shutter: '10ms', gain: 4, ev: -1.5, exposure: 'sport', metering: 'spot' };
    const camera = await started({ ...settings, awb: 'daylight', lens_position: 2.5, options: ['--awb=cloudy'] });
    const other = await started({ rotation: 180, autofocus: true });
    const { metadata } = await camera.capture(never);
    assert.deepEqual([metadata.ExposureTime, metadata.AnalogueGain, metadata.LensPosition], [10_000, 4, 2.5]);
    assert.ok((await other.capture(never)).jpeg.length > 0);
  });

  it('says why it can not start and what to do', async () => {
    process.env.FAKE_RPICAM_FAULT = 'no-camera';
    assert.match(await failure(started()), /^camera roof .*no cameras available\. Check the ribbon cable/);
    process.env.FAKE_RPICAM_FAULT = 'busy';
    assert.match(await failure(started()), /failed to acquire camera.*Another program is using the camera/);
    process.env.FAKE_RPICAM_FAULT = '';
    assert.match(await failure(started({ camera: 1 })), /selected camera is not available.*--list-cameras/);
    assert.match(await failure(started({ options: ['--nonsense'] })), /'--nonsense'\. Check the source's 'options'/);
    assert.match(await failure(started({ program: '/nowhere/still' })), /can't run its program \/nowhere\/still/);
    process.env.FAKE_RPICAM_DELAY = '60000';
    assert.match(await failure(started({ stall_timeout: '300ms' })), /no frame for 0.3 s/);
  });

  it('gives the capture under way a picture from the next run when the program is killed', async () => {
    process.env.FAKE_RPICAM_FAULT = 'deaf';
    const camera = await started();
    const capture = camera.capture(never);
    process.env.FAKE_RPICAM_FAULT = '';
    process.kill(await program(), 'SIGKILL');
    assert.ok((await capture).jpeg.length > 0);
    await kept.written('SIGKILL');
  });

  it('does so once: a program that dies of each picture is said to', async () => {
    process.env.FAKE_RPICAM_FAULT = 'crash';
    const camera = await started();
    assert.match(await failure(camera.capture(never)), /gave no picture \(SIGSEGV\)/);
    process.env.FAKE_RPICAM_FAULT = '';
    assert.ok((await camera.capture(never)).jpeg.length > 0);
  });

  it('kills a program that gives no frames any more, and starts it again', async () => {
    process.env.FAKE_RPICAM_FAULT = 'hang';
    // Longer than a busy machine needs to start the program.
    const camera = await started({ stall_timeout: '6s' });
    process.env.FAKE_RPICAM_FAULT = '';
    assert.ok((await camera.capture(never)).jpeg.length > 0);
    await kept.written('no frame for 6 s');
  });

  it('kills a program that gives frames but no picture when the time is up, and then takes the next', async () => {
    process.env.FAKE_RPICAM_FAULT = 'deaf';
    const camera = await started();
    const before = await program();
    const signal = AbortSignal.timeout(400);
    await assert.rejects(camera.capture(signal), (error) => error === signal.reason);
    process.env.FAKE_RPICAM_FAULT = '';
    assert.ok((await camera.capture(never)).jpeg.length > 0);
    assert.notEqual(await program(), before);
  });

  it('waits until a slow file is whole', async () => {
    process.env.FAKE_RPICAM_FAULT = 'slow-file';
    assert.deepEqual(readImage((await (await started()).capture(never)).jpeg), { mimeType: 'image/jpeg', ...small });
  });

  it('refuses half a picture, and stays on', async () => {
    process.env.FAKE_RPICAM_FAULT = 'truncated';
    const camera = await started();
    const before = await program();
    assert.match(await failure(camera.capture(never)), /wrote no usable image: the JPEG is truncated/);
    assert.equal(await program(), before);
  });

  it('says at once why it does not come back, and recovers', async () => {
    process.env.FAKE_RPICAM_FAULT = 'deaf';
    const camera = await started();
    process.env.FAKE_RPICAM_FAULT = 'no-camera';
    const capture = camera.capture(never);
    process.kill(await program(), 'SIGKILL');
    assert.match(await failure(capture), /no cameras available/);
    assert.match(await failure(camera.capture(never)), /no cameras available/);
    process.env.FAKE_RPICAM_FAULT = '';
    await kept.written('gives frames', 2);
    assert.ok((await camera.capture(never)).jpeg.length > 0);
  });

  it('fails the capture under way when it is stopped', async () => {
    process.env.FAKE_RPICAM_FAULT = 'deaf';
    const camera = await started();
    const capture = failure(camera.capture(never));
    await camera.stop();
    assert.match(await capture, /was stopped/);
  });

  it('can be stopped while it starts', async () => {
    process.env.FAKE_RPICAM_DELAY = '60000';
    const starting = failure(started());
    while ((await processesWith(folder.path)).length === 0) await delay(20);
    await cameras[0]?.stop();
    assert.match(await starting, /was stopped/);
  });

  it('leaves neither program nor folder behind when the agent is killed', async () => {
    const script = `
      const { RpicamWarmCamera } = require('./agent/cameras/rpicam-warm');
      const { rpicamSettings } = require('./agent/cameras/rpicam-settings');
      const settings = rpicamSettings.parse({ type: 'rpicam', program: ${JSON.stringify(fakeRpicam)} });
      const camera = new RpicamWarmCamera({ name: 'roof', settings, log: require('pino')({ level: 'silent' }) });
      void camera.start().then(() => console.log('started'));`;
    const agent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script]);
    await once(agent.stdout, 'data');
    assert.ok((await processesWith(folder.path)).length > 0);
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    while ((await processesWith(folder.path)).length > 0) await delay(20);
  });
});

describe('the stand-in for rpicam-still', () => {
  const folder = new CameraFolder();
  beforeEach(() => folder.make());
  afterEach(() => folder.check());

  function run() {
    const output = ['--output', `${folder.path}/image.jpg`, '--metadata', '-', '--metadata-format', 'txt'];
    return spawn(fakeRpicam, ['-t', '0', '--signal', '--zsl', '--info-text', 'F %frame', '--width', '320', ...output]);
  }

  it('dies of a signal that comes too early, as the real one does', async () => {
    process.env.FAKE_RPICAM_DELAY = '60000';
    const child = run();
    await once(child.stderr, 'data');
    child.kill('SIGUSR1');
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
  });

  it('gives one picture for several signals in a row', async () => {
    const child = run();
    let [frames, records] = ['', ''];
    child.stdout.on('data', (chunk) => {
      records += chunk;
    });
    child.stderr.on('data', (chunk) => {
      frames += chunk;
    });
    while (!frames.includes('F 0\n')) await once(child.stderr, 'data');
    for (let count = 0; count < 3; count += 1) child.kill('SIGUSR1');
    while (!records.includes('\n\n')) await once(child.stdout, 'data');
    frames = '';
    while (frames.split('\n').length < 5) await once(child.stderr, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.equal(records.split('\n\n').length, 2);
    await rm(`${folder.path}/image.jpg`);
  });
});

describe('rpicamSettings', () => {
  it('fills in what is not said, and refuses what the camera could not do', () => {
    const wrong = [{ rotation: 90 }, { width: 641 }, { quality: 0 }, { camera: -1 }, { iso: 100 }, { shutter: '1h' }];
    for (const settings of [...wrong, { mode: 'cold' }, { gain: 0 }, { exposure: 'long exposure' }])
      assert.equal(rpicamSettings.safeParse({ type: 'rpicam', ...settings }).success, false, JSON.stringify(settings));
    assert.deepEqual(rpicamSettings.parse({ type: 'rpicam' }), {
      ...{ type: 'rpicam', mode: 'warm', camera: 0, width: 2304, height: 1296, quality: 85, rotation: 0 },
      ...{ options: [], stall_timeout: 15_000 },
    });
  });
});
