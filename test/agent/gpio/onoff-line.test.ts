import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Level } from '../../../agent/gpio/gpio-line';
import { type Onoff, OnoffLine } from '../../../agent/gpio/onoff-line';

/** Stands in for onoff, which needs a kernel with GPIO; test/hardware runs the real one. */
function onoff(taken: number[], refuse: () => void = () => {}): () => Promise<Onoff> {
  class Gpio {
    constructor(number: number) {
      taken.push(number);
      refuse();
    }
    setDirection() {}
    setActiveLow() {}
    setEdge() {}
    watch() {}
    readSync(): Level {
      return 1;
    }
    unexport() {
      taken.pop();
    }
  }
  return async () => ({ Gpio });
}

const ignore = () => {};

describe('OnoffLine', () => {
  let sysfs: string;

  beforeEach(async () => {
    sysfs = await mkdtemp(path.join(tmpdir(), 'luxcam-sysfs-'));
  });
  afterEach(() => rm(sysfs, { recursive: true }));

  async function addChip(base: number, label: string): Promise<void> {
    const chip = path.join(sysfs, `gpiochip${base}`);
    await mkdir(chip);
    for (const [name, value] of Object.entries({ base, label, ngpio: 54 }))
      await writeFile(path.join(chip, name), `${value}\n`);
  }

  for (const [label, base] of [
    ['pinctrl-bcm2835', 512],
    ['pinctrl-bcm2711', 0],
    ['pinctrl-rp1', 571],
  ] as const)
    it(`finds line 17 of ${label} behind the chip's base ${base}, past other chips, and releases it`, async () => {
      await addChip(400, 'raspberrypi-exp-gpio');
      await addChip(base, label);
      const taken: number[] = [];
      const line = new OnoffLine(17, ignore, sysfs, onoff(taken));
      assert.equal(await line.open('none', ignore), 1);
      assert.deepEqual(taken, [base + 17]);
      await line.close();
      assert.deepEqual(taken, []);
    });

  it('says on a machine without GPIO where the agent has to run', async () => {
    const line = new OnoffLine(17, ignore, path.join(sysfs, 'none'));
    await assert.rejects(line.open('none', ignore), /there is no .* so GPIO 17 .* run the agent on the Raspberry Pi/);
  });

  it('says which chips there are where none is of a Raspberry Pi', async () => {
    await addChip(512, 'INTC1057:00');
    const line = new OnoffLine(17, ignore, sysfs);
    await assert.rejects(line.open('none', ignore), /no GPIO chip of a Raspberry Pi .* only INTC1057:00/);
  });

  it('says which lines there are if the number is too high', async () => {
    await addChip(512, 'pinctrl-bcm2835');
    await assert.rejects(new OnoffLine(54, ignore, sysfs).open('none', ignore), /no GPIO 54: .* 0 to 53/);
  });

  for (const [what, message, advice] of [
    [
      'not installed',
      "Cannot find package 'onoff' imported from x.js",
      /g\+\+ make python3', then 'npm install onoff'/,
    ],
    ['not built', 'Could not locate the bindings file. Tried:\n → x', /'npm rebuild epoll' .* g\+\+ make python3/],
  ] as const)
    it(`says what to type when onoff is ${what}`, async () => {
      await addChip(512, 'pinctrl-bcm2835');
      const line = new OnoffLine(17, ignore, sysfs, () => Promise.reject(new Error(message)));
      await assert.rejects(line.open('none', ignore), advice);
    });

  for (const [code, advice] of [
    ['EBUSY', /GPIO 17 .* another program or the kernel uses it .* choose another line/],
    ['EACCES', /GPIO 17 .* usermod -aG gpio/],
    ['EIO', /GPIO 17 can't be watched: EIO: it broke/],
  ] as const)
    it(`says what to do about ${code}`, async () => {
      await addChip(512, 'pinctrl-bcm2835');
      const refuse = () => {
        throw Object.assign(new Error(`${code}: it broke`), { code });
      };
      await assert.rejects(new OnoffLine(17, ignore, sysfs, onoff([], refuse)).open('none', ignore), advice);
    });

  it('gives a line back that it got but may not use', async () => {
    await addChip(512, 'pinctrl-bcm2835');
    const refuse = () => {
      mkdirSync(path.join(sysfs, 'gpio529'));
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    await assert.rejects(new OnoffLine(17, ignore, sysfs, onoff([], refuse)).open('none', ignore));
    assert.equal(await readFile(path.join(sysfs, 'unexport'), 'utf8'), '529');
  });
});
