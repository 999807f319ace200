import assert from 'node:assert/strict';
import { on } from 'node:events';
import { watch } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Systemd, type SystemdEnvironment } from '../../agent/systemd';
import { TestLog } from '../support/log';

describe('what systemd is told', () => {
  const { PATH } = process.env;
  let folder: string;
  let heard: string;
  let program: string;
  let systemd: Systemd | undefined;

  // A systemd-notify that writes down what it is told: systemd itself runs in no container.
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-systemd-'));
    heard = path.join(folder, 'heard');
    await writeFile(heard, '');
    program = path.join(folder, 'systemd-notify');
    await writeFile(program, `#!/bin/sh\necho "$1" >> ${heard}\n`);
    await chmod(program, 0o755);
    process.env.PATH = `${folder}:${PATH}`;
  });
  afterEach(async () => {
    await systemd?.stop();
    process.env.PATH = PATH;
    await rm(folder, { recursive: true });
  });

  function start(environment: SystemdEnvironment, alive = () => true): TestLog {
    const kept = new TestLog();
    systemd = new Systemd(environment, alive, kept.log);
    systemd.start();
    return kept;
  }

  /** Resolves with all that it has heard as soon as that fits. */
  async function words(fits: (lines: string[]) => boolean): Promise<string[]> {
    const changes = watch(heard);
    // Begins to listen before the first look, so that no change falls in between.
    const changed = on(changes, 'change');
    try {
      for (;;) {
        const lines = (await readFile(heard, 'utf8')).split('\n').slice(0, -1);
        if (fits(lines)) return lines;
        await changed.next();
      }
    } finally {
      changes.close();
    }
  }

  it('hears that the agent is ready, is alive now and then, and stops', async () => {
    start({ NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '400000' });
    assert.deepEqual((await words(({ length }) => length >= 3)).slice(0, 3), ['READY=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    await systemd?.stop();
    systemd = undefined;
    assert.equal((await words(() => true)).at(-1), 'STOPPING=1');
  });

  it('hears every word after the one that was said before, however long that takes', async () => {
    // The first one takes longer than all that follow.
    await writeFile(program, `#!/bin/sh\ntest "$1" = READY=1 && sleep 0.3\necho "$1" >> ${heard}\n`);
    start({ NOTIFY_SOCKET: '/run/systemd/notify' });
    await systemd?.stop();
    systemd = undefined;
    assert.deepEqual(await words(() => true), ['READY=1', 'STOPPING=1']);
  });

  it('hears nothing more while the work does not go on', async () => {
    const asked = new Promise<void>((resolve) => {
      let times = 0;
      const alive = () => {
        times += 1;
        if (times === 3) resolve();
        return false;
      };
      start({ NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '100000' }, alive);
    });
    await asked;
    assert.deepEqual(await words(({ length }) => length > 0), ['READY=1']);
    assert.ok(!(await readFile(heard, 'utf8')).includes('WATCHDOG'));
  });
});
