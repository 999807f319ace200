import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setPull } from '../../../agent/gpio/pull';

describe('setPull', () => {
  const { PATH } = process.env;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-pinctrl-'));
    process.env.PATH = folder;
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    await rm(folder, { recursive: true });
  });

  const install = (script: string) =>
    writeFile(path.join(folder, 'pinctrl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  for (const [pull, flag] of [
    ['up', 'pu'],
    ['down', 'pd'],
    ['none', 'pn'],
  ] as const)
    it(`asks pinctrl for ${flag} to pull a line ${pull}`, async () => {
      await install(`echo "$@" > ${folder}/called`);
      assert.equal(await setPull(17, pull), undefined);
      assert.equal(await readFile(path.join(folder, 'called'), 'utf8'), `set 17 ip ${flag}\n`);
    });

  it('says where to set the pull resistor when there is no pinctrl', async () => {
    assert.match((await setPull(17, 'up')) ?? '', /pull-up of GPIO 17 was not set: .*raspi-utils.* gpio=17=ip,pu/);
  });

  it('says why pinctrl could not set it', async () => {
    await install('echo "no gpiomem" >&2; exit 1');
    assert.match((await setPull(17, 'down')) ?? '', /no gpiomem.* gpio=17=ip,pd/s);
  });

  it('needs no pinctrl where no pull resistor is wanted', async () => {
    assert.equal(await setPull(27, 'none'), undefined);
  });
});
