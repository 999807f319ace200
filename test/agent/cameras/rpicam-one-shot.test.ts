import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { RpicamOneShotCamera } from '../../../agent/cameras/rpicam-one-shot';
import { rpicamSettings } from '../../../agent/cameras/rpicam-settings';
import { readImage } from '../../../core/image-format';
import { LuxcamError } from '../../../core/luxcam-error';
import { exifThumbnail } from '../../../core/thumbnail';
import { CameraFolder, fakeRpicam, processesWith } from './fake-rpicam';

const never = new AbortController().signal;
const small = { width: 640, height: 360 };

/** The mean of the red of a picture's upper tenth: 0 to 255. */
async function brightnessAtTheTop(jpeg: Buffer): Promise<number> {
  const { width = 0, height = 0 } = readImage(jpeg);
  const top = await sharp(jpeg)
    .extract({ left: 0, top: 0, width, height: Math.floor(height / 10) })
    .toBuffer();
  return (await sharp(top).stats()).channels[0]?.mean ?? 0;
}

describe('RpicamOneShotCamera', () => {
  const folder = new CameraFolder();

  async function started(settings: object = {}): Promise<RpicamOneShotCamera> {
    const camera = new RpicamOneShotCamera({
      name: 'roof',
      settings: rpicamSettings.parse({ type: 'rpicam', mode: 'one-shot', program: fakeRpicam, ...small, ...settings }),
    });
    await camera.start();
    return camera;
  }

  async function failure(fault: string, settings: object = {}): Promise<string> {
    process.env.FAKE_RPICAM_FAULT = fault;
    const camera = await started(settings);
    const error = await camera.capture(never).then(
      () => assert.fail('it took a picture'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof LuxcamError && error.code === 'camera_failed', String(error));
    return error.message;
  }

  beforeEach(() => folder.make());
  afterEach(() => folder.check());

  it('takes a picture with its lux, its metadata, and an EXIF thumbnail of the same shape', async () => {
    process.env.FAKE_RPICAM_LUX = '12.5';
    const { jpeg, lux, metadata } = await (await started()).capture(never);
    assert.deepEqual(readImage(jpeg), { mimeType: 'image/jpeg', ...small });
    assert.deepEqual(readImage(exifThumbnail(jpeg) ?? assert.fail()), {
      mimeType: 'image/jpeg',
      width: 320,
      height: 180,
    });
    assert.equal(lux, 12.5);
    assert.equal(metadata.ExposureTime, 29958);
    assert.equal(metadata.AnalogueGain, 2);
    assert.equal(metadata.ColourGains, '[ 1.931200, 1.712300 ]');
    assert.equal(metadata.Lux, undefined);
  });

  it('passes every setting on to the program', async () => {
    const settings = { width: 320, height: 320, quality: 20, rotation: 180, autofocus: true, camera: 0 };
    const { jpeg } = await (await started(settings)).capture(never);
    assert.deepEqual(readImage(jpeg), { mimeType: 'image/jpeg', width: 320, height: 320 });
    const fine = await (await started({ ...settings, quality: 95, autofocus: false })).capture(never);
    assert.ok(fine.jpeg.length > jpeg.length);
    const upright = await (await started({ ...settings, rotation: 0 })).capture(never);
    assert.ok((await brightnessAtTheTop(upright.jpeg)) > (await brightnessAtTheTop(jpeg)) + 30, 'the floor is dark');
    assert.match(await failure('', { camera: 1 }), /selected camera is not available.*--list-cameras/);
  });

  it('has no lux where the camera tells none', async () => {
    process.env.FAKE_RPICAM_LUX = 'none';
    assert.equal((await (await started()).capture(never)).lux, undefined);
  });

  it('finds rpicam-still, or libcamera-still where only that is installed', async () => {
    const node = path.dirname(process.execPath);
    const programs = await mkdtemp(path.join(__dirname, 'programs-'));
    try {
      process.env.PATH = programs;
      await assert.rejects(started({ program: undefined }), /needs rpicam-still.*sudo apt-get install rpicam-apps/);
      process.env.PATH = `${programs}:${node}:/usr/bin:/bin`;
      await symlink(fakeRpicam, path.join(programs, 'libcamera-still'));
      assert.ok((await (await started({ program: undefined })).capture(never)).jpeg.length > 0);
    } finally {
      await rm(programs, { recursive: true });
    }
  });

  it('says that its own program is not there', async () => {
    await assert.rejects(started({ program: '/nowhere/still' }), /can't run its program \/nowhere\/still/);
  });

  it('says what happened and what to do', async () => {
    assert.match(await failure('no-camera'), /^camera roof .*no cameras available\. Check the ribbon cable/);
    assert.match(await failure('busy'), /failed to acquire camera.*Another program is using the camera/);
    assert.match(await failure('truncated'), /no usable image: the JPEG is truncated/);
    assert.match(await failure('no-file'), /failed to open file/);
    assert.match(await failure('crash'), /gave no picture \(SIGSEGV\)/);
  });

  it('kills a program that hangs when its time is up, and takes the next picture', async () => {
    process.env.FAKE_RPICAM_FAULT = 'hang';
    const camera = await started();
    const signal = AbortSignal.timeout(400);
    await assert.rejects(camera.capture(signal), (error) => error === signal.reason);
    while ((await processesWith(folder.path)).length > 0) await delay(20);
    process.env.FAKE_RPICAM_FAULT = '';
    assert.ok((await camera.capture(never)).jpeg.length > 0);
  });
});
