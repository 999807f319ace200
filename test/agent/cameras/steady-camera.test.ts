import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { FolderCamera } from '../../../agent/cameras/folder';
import { SteadyCamera } from '../../../agent/cameras/steady-camera';
import { TestLog } from '../../support/log';

describe('a camera kept at work', () => {
  let folder: string;
  let steady: SteadyCamera;
  let kept: TestLog;

  function start(pictures: string, timeout = 10_000): void {
    kept = new TestLog();
    const { log } = kept;
    const camera = new FolderCamera({ name: 'front', settings: { type: 'folder', path: pictures }, log });
    steady = new SteadyCamera({ name: 'front', camera, timeout, log, onStart: () => undefined });
    steady.start();
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-steady-'));
    const picture = sharp({ create: { width: 160, height: 90, channels: 3, background: 'red' } });
    await writeFile(path.join(folder, 'a.jpg'), await picture.jpeg().toBuffer());
  });
  afterEach(async () => {
    await steady.stop();
    await rm(folder, { recursive: true });
  });

  it('that is still starting gives a capture and a live frame once it has', async () => {
    start(folder);
    const [capture, frame] = await Promise.all([steady.capture(), steady.liveFrame(640)]);
    assert.deepEqual([capture.metadata.file, frame?.metadata.file], ['a.jpg', 'a.jpg']);
  });

  it('that can not start says why', async () => {
    start(path.join(folder, 'nothing'), 100);
    await kept.written('camera not started');
    const why = { code: 'camera_failed', message: /^front has not started: .*nothing/ };
    await assert.rejects(steady.capture(), why);
    await assert.rejects(steady.liveFrame(640), why);
  });
});
