import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CameraSettings, parseConfiguration } from '../../agent/config';
import { RunTimeSettings } from '../../agent/run-time-settings';
import { TestLog } from '../support/log';

/** The cameras of a configuration: one with these triggers. */
function camerasWith(triggers: object[], name = 'front'): Record<string, CameraSettings> {
  const camera = { source: { type: 'simulated' }, ttl: '1h', triggers };
  return parseConfiguration(JSON.stringify({ cameras: { [name]: camera } }), 'luxcam.yaml').cameras;
}

const timer = { type: 'timer', every: '30s' };

describe('RunTimeSettings', () => {
  let folder: string;
  let log: TestLog;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-settings-'));
    log = new TestLog();
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function loaded(cameras = camerasWith([timer])): Promise<RunTimeSettings> {
    const settings = new RunTimeSettings({ folder, cameras, log: log.log });
    await settings.load();
    return settings;
  }

  it('are those of the configuration at first', async () => {
    assert.deepEqual((await loaded()).of('front'), { interval: 30, timer: 'ON', ttl: 3600 });
    assert.deepEqual((await loaded(camerasWith([]))).of('front'), { interval: null, timer: 'OFF', ttl: 3600 });
    const calendar = { type: 'timer', cron: '0 8 * * *' };
    assert.deepEqual((await loaded(camerasWith([calendar]))).of('front'), { interval: null, timer: 'ON', ttl: 3600 });
    assert.deepEqual(log.lines, []);
  });

  it('count at once when they are changed, and again after a restart', async () => {
    const settings = await loaded();
    settings.change('front', 'interval', '0.5');
    settings.change('front', 'timer', 'OFF');
    settings.change('front', 'ttl', '600');
    const changed = { interval: 0.5, timer: 'OFF', ttl: 600 };
    assert.deepEqual(settings.of('front'), changed);
    await settings.stop();
    assert.deepEqual((await loaded()).of('front'), changed);
    assert.deepEqual(await readdir(folder), ['settings.json']);
  });

  it('are written into a folder that is not there yet', async () => {
    folder = path.join(folder, 'spool');
    const settings = await loaded();
    settings.change('front', 'ttl', '600');
    await settings.stop();
    assert.equal((await loaded()).of('front').ttl, 600);
    folder = path.dirname(folder);
  });

  it('give way to a configuration that was edited since, each for itself', async () => {
    const settings = await loaded();
    settings.change('front', 'interval', '5');
    settings.change('front', 'ttl', '600');
    await settings.stop();
    const edited = await loaded(camerasWith([{ ...timer, every: '20s' }]));
    assert.deepEqual(edited.of('front'), { interval: 20, timer: 'ON', ttl: 600 });
  });

  it('keep the last of many changes', async () => {
    const settings = await loaded();
    for (let ttl = 1; ttl <= 1000; ttl++) settings.change('front', 'ttl', `${ttl}`);
    await settings.stop();
    assert.equal((await loaded()).of('front').ttl, 1000);
  });

  for (const [setting, text, why] of [
    ['interval', 'soon', /interval is a number of seconds, not "soon"/],
    ['interval', '', /interval is a number of seconds/],
    ['interval', '0.09', /interval/],
    ['interval', '-5', /interval/],
    ['interval', 'Infinity', /interval/],
    ['interval', '1e300', /interval/],
    ['ttl', '0', /ttl is a number of seconds/],
    ['ttl', '[600]', /ttl/],
    ['timer', 'on', /timer is ON or OFF, not "on"/],
    ['timer', '\u0000\uffff', /timer is ON or OFF/],
  ] as const)
    it(`refuse ${JSON.stringify(text)} as ${setting}, and stay as they are`, async () => {
      const settings = await loaded();
      assert.throws(() => settings.change('front', setting, text), why);
      assert.deepEqual(settings.of('front'), { interval: 30, timer: 'ON', ttl: 3600 });
      await settings.stop();
      assert.deepEqual(await readdir(folder), []);
    });

  it('refuse to change a timer that is not there', async () => {
    const settings = await loaded(camerasWith([]));
    assert.throws(() => settings.change('front', 'interval', '5'), /front has no timer/);
    assert.throws(() => settings.change('front', 'timer', 'ON'), /front has no timer/);
  });

  for (const [what, content] of Object.entries({
    'half a file': '{"cameras":{"front":{"ttl":{"va',
    'an empty file': '',
    'a value that is none': '{"cameras":{"front":{"ttl":{"value":-1,"configured":3600}}}}',
    'something else': '[]',
  }))
    it(`are those of the configuration after ${what} was found, and can be changed again`, async () => {
      await writeFile(path.join(folder, 'settings.json'), content);
      const settings = await loaded();
      assert.deepEqual(settings.of('front'), { interval: 30, timer: 'ON', ttl: 3600 });
      assert.match(log.lines.join(), /settings\.json.*can't be read.*the configuration counts/);
      settings.change('front', 'ttl', '600');
      await settings.stop();
      assert.equal((await loaded()).of('front').ttl, 600);
    });

  it('count until the next start where they can not be written, and that is said', async () => {
    const settings = await loaded();
    await mkdir(path.join(folder, 'settings.json'));
    settings.change('front', 'ttl', '600');
    await settings.stop();
    assert.equal(settings.of('front').ttl, 600);
    assert.match(log.lines.join(), /counts only until the next start/);
  });

  it('leave those of a camera that is away for a while', async () => {
    const settings = await loaded();
    settings.change('front', 'ttl', '600');
    await settings.stop();
    const without = await loaded(camerasWith([], 'back'));
    assert.throws(() => without.of('front'), /no camera front/);
    without.change('back', 'ttl', '60');
    await without.stop();
    assert.equal((await loaded()).of('front').ttl, 600);
  });
});
