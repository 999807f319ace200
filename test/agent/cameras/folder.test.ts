import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import sharp from 'sharp';
import { FolderCamera, folderSettings } from '../../../agent/cameras/folder';
import { LuxcamError } from '../../../core/luxcam-error';

const never = new AbortController().signal;

describe('FolderCamera', () => {
  let folder: string;
  let jpeg: Buffer;

  function camera(place = folder): FolderCamera {
    const settings = folderSettings.parse({ type: 'folder', path: place });
    return new FolderCamera({ name: 'album', settings, log: pino({ level: 'silent' }) });
  }

  async function files(of: FolderCamera, count: number): Promise<unknown[]> {
    const names: unknown[] = [];
    for (let index = 0; index < count; index += 1) names.push((await of.capture(never)).metadata.file);
    return names;
  }

  function cameraFailed(pattern: RegExp) {
    return (error: unknown) => {
      assert.ok(error instanceof LuxcamError && error.code === 'camera_failed', String(error));
      assert.match(error.message, pattern);
      return true;
    };
  }

  before(async () => {
    jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'navy' } })
      .jpeg()
      .toBuffer();
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-folder-test-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('hands out the JPEGs in turn by name, and begins anew with those that are there then', async () => {
    for (const name of ['b.jpg', 'a.JPEG', 'c.Jpg', 'notes.txt', '.hidden.jpg', 'd.png'])
      await writeFile(path.join(folder, name), jpeg);
    await mkdir(path.join(folder, 'folder.jpg'));
    const album = camera();
    await album.start();
    assert.deepEqual(await files(album, 4), ['a.JPEG', 'b.jpg', 'c.Jpg', 'a.JPEG']);
    await writeFile(path.join(folder, 'aa.jpg'), jpeg);
    assert.deepEqual(await files(album, 4), ['b.jpg', 'c.Jpg', 'a.JPEG', 'aa.jpg']);
  });

  it('hands out the bytes as they are, at the present time', async () => {
    await writeFile(path.join(folder, 'a.jpg'), jpeg);
    const album = camera();
    await album.start();
    const before = Date.now();
    const frame = await album.capture(never);
    assert.ok(frame.jpeg.equals(jpeg));
    assert.ok(frame.capturedAt >= before && frame.capturedAt <= Date.now());
  });

  it('names a picture that is broken or no JPEG, and goes on with the next', async () => {
    await writeFile(path.join(folder, '1.jpg'), jpeg.subarray(0, 200));
    await writeFile(path.join(folder, '2.jpg'), await sharp(jpeg).png().toBuffer());
    await writeFile(path.join(folder, '3.jpg'), jpeg);
    const album = camera();
    await album.start();
    await assert.rejects(album.capture(never), cameraFailed(/1\.jpg: the JPEG is truncated/));
    await assert.rejects(album.capture(never), cameraFailed(/2\.jpg: it is no JPEG but image\/png/));
    assert.deepEqual(await files(album, 1), ['3.jpg']);
  });

  it('says that the folder is empty, and takes what is put into it later', async () => {
    const album = camera();
    await album.start();
    await assert.rejects(album.capture(never), cameraFailed(/holds no JPEG.*Put pictures into it/));
    await writeFile(path.join(folder, 'a.jpg'), jpeg);
    assert.deepEqual(await files(album, 1), ['a.jpg']);
  });

  it('says at the start that the folder is missing', async () => {
    const absent = path.join(folder, 'absent');
    await assert.rejects(camera(absent).start(), cameraFailed(/absent can't be read: ENOENT.*Check its path/));
  });

  it('gives up with the reason of its signal', async () => {
    const reason = new Error('the time is up');
    await assert.rejects(camera().capture(AbortSignal.abort(reason)), (error) => error === reason);
  });
});
