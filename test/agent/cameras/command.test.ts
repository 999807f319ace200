import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { CommandCamera, commandSettings } from '../../../agent/cameras/command';
import { LuxcamError } from '../../../core/luxcam-error';

const never = new AbortController().signal;

describe('CommandCamera', () => {
  let folder: string;
  let file: string;
  let jpeg: Buffer;

  async function started(...command: string[]): Promise<CommandCamera> {
    const camera = new CommandCamera({ name: 'well', settings: commandSettings.parse({ type: 'command', command }) });
    await camera.start();
    return camera;
  }

  async function failure(...command: string[]): Promise<string> {
    const error = await started(...command)
      .then((camera) => camera.capture(never))
      .then(
        () => assert.fail('it took a picture'),
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof LuxcamError && error.code === 'camera_failed', String(error));
    return error.message;
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-command-test-'));
    file = path.join(folder, "it's $HOME.jpg");
    jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'olive' } })
      .jpeg()
      .toBuffer();
    await writeFile(file, jpeg);
  });
  after(() => rm(folder, { recursive: true }));

  it('takes what the program writes to its standard output, and no shell reads its arguments', async () => {
    const before = Date.now();
    const { jpeg: taken, capturedAt, lux, metadata } = await (await started('cat', file)).capture(never);
    assert.ok(taken.equals(jpeg));
    assert.ok(capturedAt >= before && capturedAt <= Date.now());
    assert.deepEqual([lux, metadata], [undefined, {}]);
  });

  it('says what the program said last when it fails, without passwords', async () => {
    const script = 'echo first >&2; echo "no such camera: $0" >&2; exit 4';
    const message = await failure('sh', '-c', script, 'rtsp://admin:hidden@cam.local/stream?token=hidden');
    assert.match(message, /^camera well: the command sh failed \(exit code 4\): no such camera: rtsp:\/\/cam\.local$/);
    assert.match(await failure('sh', '-c', 'exit 1'), /\(exit code 1\): it said nothing/);
  });

  it('refuses what is no whole image, and says what the program said', async () => {
    assert.match(await failure('echo', 'hello'), /no usable image.*text and no image/);
    assert.match(await failure('head', '-c', '200', file), /no usable image.*truncated/);
    assert.match(await failure('sh', '-c', 'echo the lens cap is on >&2'), /It said: the lens cap is on/);
  });

  it('gives up with the reason of its signal, and takes the next picture', async () => {
    const camera = await started('sh', '-c', 'test -e "$0" && exec cat "$0"; exec sleep 1000', `${file}.later`);
    const signal = AbortSignal.timeout(100);
    await assert.rejects(camera.capture(signal), (error) => error === signal.reason);
    await writeFile(`${file}.later`, jpeg);
    assert.ok((await camera.capture(never)).jpeg.equals(jpeg));
  });

  it('says that the program is not there', async () => {
    assert.match(await failure('no-such-program', 'x'), /the command no-such-program can't be run. Check its path/);
  });

  it('is configured with a list of words', () => {
    for (const command of ['cat x.jpg', [], [1], undefined]) {
      const { error } = commandSettings.safeParse({ type: 'command', command });
      assert.match(error?.message ?? '', /a list of words, for example/, JSON.stringify(command));
    }
  });
});
