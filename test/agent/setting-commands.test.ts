import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfiguration } from '../../agent/config';
import { RunTimeSettings } from '../../agent/run-time-settings';
import { SettingCommands } from '../../agent/setting-commands';
import { Topics } from '../../core/topics';
import { TestLog } from '../support/log';

describe('SettingCommands', () => {
  let folder: string;
  let log: TestLog;
  let settings: RunTimeSettings;
  let commands: SettingCommands;
  let changed: string[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-commands-'));
    log = new TestLog();
    changed = [];
    const front = { source: { type: 'simulated' }, triggers: [{ type: 'timer', every: '30s' }] };
    const { cameras } = parseConfiguration(JSON.stringify({ cameras: { front } }), 'luxcam.yaml');
    settings = new RunTimeSettings({ folder, cameras, log: log.log });
    commands = new SettingCommands({
      topics: new Topics('luxcam'),
      cameras: ['front'],
      settings,
      log: log.log,
      onChange: (camera) => changed.push(camera),
    });
  });
  afterEach(async () => {
    await settings.stop();
    await rm(folder, { recursive: true });
  });

  const receive = (topic: string, payload: Buffer | string, retained = false) =>
    commands.receive({
      topic,
      payload: Buffer.from(payload),
      retained,
      responseTopic: undefined,
      correlationData: undefined,
    });

  it('come on one topic for each setting of each camera', () => {
    assert.deepEqual(commands.subscriptions, [
      'luxcam/front/set/interval',
      'luxcam/front/set/timer',
      'luxcam/front/set/ttl',
    ]);
  });

  it('change a setting and tell whose', () => {
    receive('luxcam/front/set/timer', 'OFF');
    assert.equal(settings.of('front').timer, 'OFF');
    assert.deepEqual(changed, ['front']);
  });

  it('are ignored where they are retained, and that is said', () => {
    receive('luxcam/front/set/timer', 'OFF', true);
    assert.equal(settings.of('front').timer, 'ON');
    assert.match(log.lines.join(), /luxcam\/front\/set\/timer.*without the retain flag/);
  });

  it('neither write nor log anything for what is so already', async () => {
    receive('luxcam/front/set/ttl', '3600');
    await settings.stop();
    assert.deepEqual([log.lines, changed, await readdir(folder)], [[], [], []]);
  });

  it('change nothing and do not fill the log, however much nonsense comes', () => {
    const began = performance.now();
    for (let index = 0; index < 20_000; index++) {
      receive('luxcam/front/set/interval', Buffer.concat([Buffer.from('x'), randomBytes(index % 300)]));
      receive('luxcam/front/set/ttl', '9'.repeat(index % 50).padStart(30, 'x'));
      receive('luxcam/front/set/colour', 'red');
    }
    assert.deepEqual(changed, []);
    const pauses = Math.floor((performance.now() - began) / 10_000);
    assert.ok(log.lines.length >= 1 && log.lines.length <= 1 + pauses, `${log.lines.length} lines`);
    assert.match(log.lines[0] ?? '', /refused a setting: interval is a number of seconds/);
  });
});
