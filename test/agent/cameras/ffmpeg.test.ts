import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import sharp from 'sharp';
import { FfmpegCamera, ffmpegSettings } from '../../../agent/cameras/ffmpeg';
import { readImage } from '../../../core/image-format';
import { LuxcamError } from '../../../core/luxcam-error';
import { freePort } from '../../support/free-port';
import { jpegWithExif } from '../../support/jpeg-with-exif';
import { MjpegServer } from '../../support/mjpeg-server';
import { systemProgram } from '../../support/server-process';

/** Emits each message of the log, under its own name. */
const logged = new EventEmitter();
const log = pino({}, { write: (line: string) => void logged.emit(JSON.parse(line).msg) });
const never = new AbortController().signal;

describe('FfmpegCamera', () => {
  let folder: string;
  let video: string;
  let server: MjpegServer;
  let camera: FfmpegCamera | undefined;
  let pictures: Buffer[];

  async function started(input: string, settings: object = {}): Promise<FfmpegCamera> {
    camera = new FfmpegCamera({
      name: 'yard',
      settings: ffmpegSettings.parse({ type: 'ffmpeg', input, ...settings }),
      log,
    });
    await camera.start();
    return camera;
  }

  function picture(index: number): Buffer {
    return pictures[index] ?? assert.fail();
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-ffmpeg-test-'));
    video = path.join(folder, 'video.mp4');
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10:duration=0.8', '-pix_fmt', 'yuv420p'];
    execFileSync(systemProgram('ffmpeg', 'ffmpeg'), ['-loglevel', 'error', ...source, video]);
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 };
    const colours = ['red', 'green', 'blue', 'white'];
    pictures = await Promise.all(
      colours.map((background, index) =>
        sharp({ create: { width: 200 + 40 * index, height: 120, channels: 3, background, noise } })
          .jpeg({ progressive: index === 1 })
          .toBuffer(),
      ),
    );
  });

  beforeEach(async () => {
    server = await new MjpegServer().start();
  });

  afterEach(async () => {
    await camera?.stop();
    camera = undefined;
    await server.stop();
  });

  after(() => rm(folder, { recursive: true }));

  it('gives a frame to look at live and a capture at the same time', async () => {
    const file = await started(video, { fps: 10 });
    const [frame, capture] = await Promise.all([file.frame(never), file.capture(never)]);
    assert.deepEqual(frame.jpeg, capture.jpeg);
    assert.notDeepEqual((await file.frame(never)).jpeg, frame.jpeg);
  });

  it('plays a file in a loop and takes a new picture each time, also past its end', async () => {
    const file = await started(video, { fps: 10 });
    let runs = 1;
    const countRun = () => {
      runs += 1;
    };
    logged.on('ffmpeg ended, it starts again', countRun);
    const seen = new Set<string>();
    for (let count = 0; count < 24; count += 1) {
      const before = Date.now();
      const { jpeg, capturedAt, lux, metadata } = await file.capture(never);
      assert.deepEqual(readImage(jpeg), { mimeType: 'image/jpeg', width: 320, height: 180 });
      assert.ok(capturedAt >= before && capturedAt <= Date.now());
      assert.deepEqual([lux, metadata], [undefined, {}]);
      seen.add(jpeg.toString('base64'));
    }
    logged.off('ffmpeg ended, it starts again', countRun);
    assert.equal(runs, 1, 'frames kept coming, so that ffmpeg was not started again');
    assert.ok(seen.size >= 4, `${seen.size} different pictures`);
  });

  it('decodes key frames only where it is told to', async () => {
    const sparing = await started(video, { fps: 30, key_frames_only: true });
    const seen = new Set<string>();
    for (let count = 0; count < 3; count += 1) seen.add((await sparing.capture(never)).jpeg.toString('base64'));
    assert.equal(seen.size, 1, 'the video has one');
  });

  it('scales where the settings say so, one side alone keeping the shape, and keeps the colours', async () => {
    const small = await started(video, { width: 160 });
    const { jpeg } = await small.capture(never);
    assert.deepEqual(readImage(jpeg), { mimeType: 'image/jpeg', width: 160, height: 90 });
    const original = execFileSync('ffmpeg', ['-loglevel', 'error', '-i', video, '-frames:v', '1', '-f', 'apng', '-']);
    const means = async (image: Buffer) => (await sharp(image).removeAlpha().stats()).channels.map(({ mean }) => mean);
    const [expected, found] = [await means(original), await means(jpeg)];
    assert.ok(
      expected.every((mean, channel) => Math.abs(mean - (found[channel] ?? 0)) < 12),
      `${expected} ${found}`,
    );
  });

  it('makes larger JPEGs for a higher quality', async () => {
    const sizes: number[] = [];
    for (const quality of [30, 85, 100]) {
      const { jpeg } = await (await started(video, { quality })).capture(never);
      await camera?.stop();
      sizes.push(jpeg.length);
    }
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );
    assert.ok((sizes[2] ?? 0) > 2 * (sizes[0] ?? 0), `${sizes}`);
  });

  it('passes the pictures of an MJPEG stream on as they came, whatever their sizes and EXIF data', async () => {
    const stream = await started(server.url);
    const sent = [jpegWithExif(picture(0), { orientation: 6, thumbnail: picture(2) }), picture(1), picture(2)];
    for (const jpeg of sent) {
      const capture = stream.capture(never);
      await server.send(jpeg);
      assert.ok((await capture).jpeg.equals(jpeg));
    }
    assert.equal(server.viewers, 1, 'one connection serves all captures');
  });

  it('waits for a picture that is newer than the request', async () => {
    const stream = await started(server.url);
    const first = stream.capture(never);
    await server.send(picture(0));
    assert.ok((await first).jpeg.equals(picture(0)));
    const second = stream.capture(never);
    await server.send(picture(1));
    assert.ok((await second).jpeg.equals(picture(1)));
  });

  it('passes over a broken picture', async () => {
    const stream = await started(server.url);
    const capture = stream.capture(never);
    await server.send(picture(0).subarray(0, -50));
    await server.send(picture(1));
    assert.ok((await capture).jpeg.equals(picture(1)));
  });

  it('turns another kind of video over HTTP into JPEGs', async () => {
    const options = ['-loglevel', 'error', '-stream_loop', '5', '-i', video, '-f', 'mpegts', '-'];
    const transport = execFileSync('ffmpeg', options, { maxBuffer: 64 * 1024 * 1024 });
    const port = await freePort();
    const web = createServer((_request, response) => response.end(transport)).listen(port, '127.0.0.1');
    try {
      const { jpeg } = await (await started(`http://127.0.0.1:${port}/live`)).capture(never);
      assert.equal(readImage(jpeg).width, 320);
    } finally {
      await camera?.stop();
      web.close();
    }
  });

  it('connects again after the stream broke off, and the capture that was waiting gets its picture', async () => {
    const stream = await started(server.url);
    const first = stream.capture(never);
    await server.send(picture(0));
    await first;
    const second = stream.capture(never);
    server.hangUp();
    await server.send(picture(1));
    assert.ok((await second).jpeg.equals(picture(1)));
    assert.equal(server.viewers, 2);
  });

  it('connects again when no frame comes any more', async () => {
    // Each start of ffmpeg gets a picture, and time enough for it on a busy machine.
    let sent = picture(0);
    const welcome = () => void server.send(sent);
    server.on('viewer', welcome);
    const stream = await started(server.url, { stall_timeout: '3s' });
    assert.ok((await stream.capture(never)).jpeg.equals(picture(0)));
    sent = picture(1);
    assert.ok((await stream.capture(never)).jpeg.equals(picture(1)));
  });

  it('says why it has no picture and what to do, never the password, and recovers', async () => {
    server.credentials = 'admin:open sesame';
    const address = server.url.replace('//', '//admin:wr0ng-secret@');
    const stream = await started(`${address}?token=t0ken`);
    await assert.rejects(stream.capture(never), (error) => {
      assert.ok(error instanceof LuxcamError && error.code === 'camera_failed');
      assert.match(error.message, /^camera yard \(http:\/\/127\.0\.0\.1:\d+\) .*401.*Check the user and the password/);
      assert.doesNotMatch(error.message, /wr0ng|admin|t0ken/);
      return true;
    });
    await assert.rejects(stream.capture(never), /401/, 'while it waits to try again');
    server.credentials = undefined;
    const recovered = once(logged, 'ffmpeg gives frames again');
    await server.send(picture(0));
    await recovered;
    const capture = stream.capture(never);
    await server.send(picture(1));
    assert.ok((await capture).jpeg.equals(picture(1)));
  });

  it('says what to use for an address that gives a single picture', async () => {
    const port = await freePort();
    let requests = 0;
    const web = createServer((_request, response) => {
      requests += 1;
      response.end(picture(0));
    }).listen(port, '127.0.0.1');
    try {
      const single = await started(`http://127.0.0.1:${port}/snapshot`);
      await once(logged, 'ffmpeg ended, it starts again');
      await once(logged, 'ffmpeg ended, it starts again');
      await assert.rejects(single.capture(never), /a single picture and no stream\. Use 'type: http'/);
      assert.equal(requests, 2);
    } finally {
      await camera?.stop();
      web.close();
    }
  });

  it('says what to do about a file that is absent', async () => {
    const absent = await started(path.join(folder, 'absent.mp4'));
    await assert.rejects(absent.capture(never), /absent\.mp4\) can't be read by ffmpeg: .*No such file.*Check that/);
  });

  it('gives up at once when the signal aborts, and takes the next picture', async () => {
    const stream = await started(server.url);
    const controller = new AbortController();
    const given = stream.capture(controller.signal);
    const reason = new Error('the time is up');
    controller.abort(reason);
    await assert.rejects(given, (error) => error === reason);
    const next = stream.capture(never);
    await server.send(picture(3));
    assert.ok((await next).jpeg.equals(picture(3)));
  });

  it('lets go of the camera when it is stopped', async () => {
    const stream = await started(server.url);
    await once(server, 'viewer');
    const gone = once(server, 'gone');
    const waiting = assert.rejects(stream.capture(never), /was stopped/);
    await stream.stop();
    await Promise.all([gone, waiting]);
  });

  it('leaves no ffmpeg behind when the agent is killed, though the camera is silent', async () => {
    const script = `
      const { FfmpegCamera, ffmpegSettings } = require('./agent/cameras/ffmpeg');
      const settings = ffmpegSettings.parse({ type: 'ffmpeg', input: ${JSON.stringify(server.url)} });
      void new FfmpegCamera({ name: 'yard', settings, log: require('pino')({ level: 'silent' }) }).start();
      setInterval(() => {}, 1000);`;
    const agent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script], { stdio: 'inherit' });
    const exit = once(agent, 'exit');
    await once(server, 'viewer');
    const gone = once(server, 'gone');
    agent.kill('SIGKILL');
    await exit;
    await gone;
  });

  it('says what to install where ffmpeg is missing', async () => {
    const before = process.env.PATH;
    process.env.PATH = folder;
    try {
      await assert.rejects(started(video), /needs the program ffmpeg.*sudo apt-get install ffmpeg/);
    } finally {
      process.env.PATH = before;
    }
  });
});

describe('ffmpegSettings', () => {
  it('fills in what is not said and refuses what ffmpeg could not do', async () => {
    const settings = ffmpegSettings.parse({ type: 'ffmpeg', input: '/dev/video0' });
    assert.deepEqual([settings.fps, settings.quality, settings.rtsp_transport], [5, 85, 'tcp']);
    for (const wrong of [{ input: '' }, { fps: 0 }, { quality: 101 }, { rtsp_transport: 'http' }, { device: 'x' }])
      assert.equal(
        ffmpegSettings.safeParse({ type: 'ffmpeg', input: 'x', ...wrong }).success,
        false,
        JSON.stringify(wrong),
      );
  });
});
