import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AutoLine } from '../../../agent/gpio/auto-line';
import { BackendMissingError } from '../../../agent/gpio/gpio-line';
import { GpiomonLine } from '../../../agent/gpio/gpiomon-line';
import { OnoffLine } from '../../../agent/gpio/onoff-line';
import { FakeGpiod, isRunning } from './fake-gpiod';

const ignore = () => {};

describe('GpiomonLine', () => {
  const gpiod = new FakeGpiod();
  let line: GpiomonLine;
  let edges: EventEmitter<{ level: [number] }>;
  let warnings: EventEmitter<{ warning: [string] }>;

  beforeEach(() => {
    edges = new EventEmitter();
    warnings = new EventEmitter();
    line = new GpiomonLine(17, (message) => warnings.emit('warning', message));
  });
  afterEach(async () => {
    await line.close();
    await gpiod.remove();
  });

  const open = (pull: 'up' | 'down' | 'none' = 'up') => line.open(pull, (level) => edges.emit('level', level));

  it('watches a line of the chip of the Pi, past others, and tells its level at the start', async () => {
    await gpiod.install();
    assert.equal(await open(), 1);
    const lineArguments = '--chip gpiochip1 --bias pull-up 17';
    assert.equal(await gpiod.arguments('gpioget'), `--numeric ${lineArguments}`);
    assert.equal(await gpiod.arguments('gpiomon'), `--banner --edges both --format %e ${lineArguments}`);
  });

  for (const [pull, bias] of [
    ['down', 'pull-down'],
    ['none', 'disabled'],
  ] as const)
    it(`asks for the bias ${bias} where the pull is ${pull}`, async () => {
      await gpiod.install();
      await open(pull);
      assert.match(await gpiod.arguments('gpiomon'), new RegExp(`--bias ${bias} 17$`));
    });

  it('tells the level after each edge', async () => {
    await gpiod.install();
    await open();
    for (const [edge, level] of [
      ['falling', 0],
      ['rising', 1],
    ] as const) {
      const told = once(edges, 'level');
      await gpiod.edge(edge);
      assert.deepEqual(await told, [level]);
    }
  });

  it('starts gpiomon anew when it has died, says so, and tells a level that changed meanwhile', async () => {
    await gpiod.install();
    await open();
    const id = await gpiod.id();
    gpiod.setLevel(0);
    const warned = once(warnings, 'warning');
    const told = once(edges, 'level');
    process.kill(id, 'SIGKILL');
    assert.match(String(await warned), /gpiomon, which watches GPIO 17, ended: it ended with SIGKILL/);
    assert.notEqual(await gpiod.id(id), id);
    assert.deepEqual(await told, [0]);
    const next = once(edges, 'level');
    await gpiod.edge('rising');
    assert.deepEqual(await next, [1]);
  });

  it('ends gpiomon when it is closed', async () => {
    await gpiod.install();
    await open();
    const id = await gpiod.id();
    await line.close();
    assert.equal(isRunning(id), false);
  });

  it('leaves no gpiomon behind when the agent is killed', async () => {
    await gpiod.install();
    const module = path.resolve(__dirname, '../../../agent/gpio/gpiomon-line');
    const program = `new (require('${module}').GpiomonLine)(17, () => {}).open('up', () => {}).then(() => console.log('open'))`;
    const agent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(agent.stdout, 'data');
    const id = await gpiod.id();
    assert.equal(isRunning(id), true);
    agent.kill('SIGKILL');
    await once(agent, 'close');
    // Nobody tells of the end of another program's child.
    while (isRunning(id)) await setTimeout(20);
  });

  for (const [what, words, advice] of [
    ['busy', 'unable to request lines: Device or resource busy', /GPIO 17 .* another program .* choose another line/],
    ['forbidden', "unable to open chip '/dev/gpiochip1': Permission denied", /GPIO 17 .* usermod -aG gpio/],
    ['broken', 'it is on fire', /GPIO 17 can't be watched: .*it is on fire/s],
  ] as const)
    for (const program of ['gpioget', 'gpiomon'] as const)
      it(`says what to do when ${program} finds the line ${what}`, async () => {
        await gpiod.install();
        const version = 'if [ "$1" = --version ]; then echo "gpiomon (libgpiod) v2.1"; exit; fi';
        await gpiod.script(program, `${version}\necho "${program}: ${words}" >&2; exit 1`);
        await assert.rejects(open(), advice);
      });

  it('says which lines there are if the number is too high', async () => {
    await gpiod.install();
    await assert.rejects(new GpiomonLine(54, ignore).open('none', ignore), /no GPIO 54: pinctrl-rp1 .* 0 to 53/);
  });

  it('refuses version 1 in words', async () => {
    await gpiod.install('gpiomon (libgpiod) v1.6.3');
    await assert.rejects(open(), /it is v1\.6\.3 and version 2 is needed: Debian 13/);
  });

  it('says what to install where there is no gpiomon', async () => {
    await gpiod.install(null);
    await assert.rejects(open(), /gpiomon.* 'sudo apt-get install gpiod'/);
  });

  it('serves where onoff can not, and not where onoff says that the line is taken', async () => {
    await gpiod.install();
    const noSysfs = new OnoffLine(17, ignore, '/nowhere');
    const auto = new AutoLine([noSysfs, line]);
    assert.equal(await auto.open('up', ignore), 1);
    await auto.close();
    const taken = { open: () => Promise.reject(new Error('it is taken')), close: async () => undefined };
    await assert.rejects(new AutoLine([taken, line]).open('up', ignore), /it is taken/);
  });

  it('says of both ways why they do not serve', async () => {
    await gpiod.install('gpiomon (libgpiod) v1.6.3');
    const auto = new AutoLine([new OnoffLine(17, ignore, '/nowhere'), line]);
    await assert.rejects(auto.open('up', ignore), (error) => {
      assert.ok(error instanceof BackendMissingError);
      assert.match(error.message, /there is no \/nowhere .* And in another way: .* version 2 is needed/);
      return true;
    });
  });
});
