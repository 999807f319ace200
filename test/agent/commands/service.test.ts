import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { luxcam } from '../../support/luxcam-command';
import { systemProgram } from '../../support/server-process';

describe('luxcam service', () => {
  let folder: string;
  const service = (...words: string[]) => luxcam(['service', ...words], { cwd: folder });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-service-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('shows a unit that runs this luxcam with this configuration, and changes nothing', async () => {
    const { status, output } = await service('install', '--print', '--config', 'my 100% house.yaml', '--root', folder);
    assert.equal(status, 0);
    const program = path.join(__dirname, '../../../dist/agent/main.js');
    const configuration = `"${folder}/my 100%% house.yaml"`;
    assert.ok(output.includes(`ExecStart=${process.execPath} ${program} agent --config ${configuration}\n`), output);
    assert.ok(!existsSync(path.join(folder, 'etc')));
  });

  it('writes unit and user below a folder, and removes them again', async () => {
    const unit = path.join(folder, 'etc/systemd/system/luxcam.service');
    const user = path.join(folder, 'etc/sysusers.d/luxcam.conf');
    const { status, output } = await service('install', '--root', folder);
    assert.deepEqual([status, output], [0, `wrote ${user}\nwrote ${unit}\n`]);
    const shown = await service('install', '--print');
    assert.equal(await readFile(unit, 'utf8'), shown.output);
    assert.match(await readFile(user, 'utf8'), /^m luxcam gpio$/m);
    assert.equal((await service('uninstall', '--root', folder)).status, 0);
    assert.ok(!existsSync(unit) && !existsSync(user));
  });

  it('writes a unit that systemd takes without a complaint', async () => {
    const verify = (file: string) =>
      promisify(execFile)(systemProgram('systemd-analyze', 'systemd'), ['verify', '--man=no', file]);
    const unit = path.join(folder, 'luxcam.service');
    await writeFile(unit, (await service('install', '--print')).output);
    const { stdout, stderr } = await verify(unit);
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('luxcam.service'));
    assert.deepEqual(complaints, []);
  });

  it('says what it needs', async () => {
    const { status, errors } = await service('reinstall');
    assert.equal(status, 2);
    assert.match(errors, /^luxcam service: 'reinstall' is none of install, uninstall, status\./);
    const missing = await service('install', '--config', 'absent.yaml');
    assert.equal(missing.status, 1);
    assert.match(missing.errors, /^There is no .*absent\.yaml: 'luxcam init/);
  });
});
