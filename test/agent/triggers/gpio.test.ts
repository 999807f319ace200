import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ActiveLowLine } from '../../../agent/gpio/active-low-line';
import type { GpioLine } from '../../../agent/gpio/gpio-line';
import { buttonSettingsSchema, GpioTrigger, gpioSettingsSchema } from '../../../agent/triggers/gpio';
import type { Cause } from '../../../agent/triggers/trigger';
import { FakeLine } from './fake-line';

async function started(settings: ConstructorParameters<typeof GpioTrigger>[0], line: GpioLine) {
  const clock = { now: 0 };
  const trigger = new GpioTrigger(settings, line, () => clock.now);
  const causes: Cause[] = [];
  await trigger.start((cause) => causes.push(cause));
  return { trigger, causes, clock };
}

describe('GpioTrigger', () => {
  it('needs nothing but the line for a button, and fills in what a button to ground wants', () => {
    assert.deepEqual(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), {
      type: 'button',
      gpio: 17,
      active_low: false,
      debounce: 30,
      cooldown: 1000,
      burst: { count: 1, every: 0 },
      meta: {},
    });
  });

  it('reads durations and everything else that can be set', () => {
    const given = {
      type: 'gpio',
      name: 'sound',
      gpio: 22,
      edge: 'rising',
      pull: 'up',
      active_low: true,
      debounce: '50ms',
      cooldown: '10s',
      burst: { count: 3, every: '200ms' },
      ttl: '7d',
      meta: { room: 'attic' },
    };
    assert.deepEqual(gpioSettingsSchema.parse(given), {
      ...given,
      debounce: 50,
      cooldown: 10_000,
      burst: { count: 3, every: 200 },
      ttl: 7 * 86_400_000,
    });
  });

  for (const [what, settings] of Object.entries({
    'a line above 53': { gpio: 54 },
    'a negative line': { gpio: -1 },
    'half a line': { gpio: 1.5 },
    'a line as text': { gpio: '17' },
    'an edge that does not exist': { gpio: 17, edge: 'sharp' },
    'a cooldown without a unit': { gpio: 17, cooldown: 10 },
    'a burst of none': { gpio: 17, burst: 0 },
    'a burst of too many': { gpio: 17, burst: { count: 101, every: '1s' } },
    'a burst that takes hours': { gpio: 17, burst: { count: 10, every: '1h' } },
    'images that live for no time': { gpio: 17, ttl: '0s' },
    'images that live for ever': { gpio: 17, ttl: '4000d' },
    'a line that is active in a colour': { gpio: 17, active_low: 'red' },
    'a key it does not know': { gpio: 17, colour: 'red' },
  }))
    it(`refuses ${what}`, () => {
      assert.equal(buttonSettingsSchema.safeParse({ type: 'button', ...settings }).success, false);
      assert.equal(gpioSettingsSchema.safeParse({ type: 'gpio', ...settings }).success, false);
    });

  it('fires once for a press that bounces, and names the line', async () => {
    const line = new FakeLine(1);
    const { causes } = await started(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), line);
    for (const level of [0, 1, 0, 1, 0] as const) line.set(level);
    assert.deepEqual(causes, [{ trigger: 'button', triggerSource: 'gpio17' }]);
  });

  it('reads the edges that wait, before it takes the bouncing of a release for a press', async () => {
    const line = new FakeLine(0);
    const trigger = new GpioTrigger(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), line);
    const causes: Cause[] = [];
    await trigger.start((cause) => causes.push(cause));
    line.set(1);
    line.set(0);
    // It waits at once, as an edge of the kernel does; what another thread has to read first may come later.
    process.once('SIGUSR2', () => line.set(1));
    process.kill(process.pid, 'SIGUSR2');
    const edge = once(process, 'SIGUSR2');
    // Something else takes longer than the debounce time.
    const began = performance.now();
    while (performance.now() - began < 60);
    await edge;
    await setImmediate();
    assert.deepEqual(causes, []);
    await trigger.stop();
  });

  it('fires at the press also of a button that is read the other way round', async () => {
    const line = new FakeLine(1);
    const settings = buttonSettingsSchema.parse({ type: 'button', gpio: 17, active_low: true });
    const { causes } = await started(settings, new ActiveLowLine(line));
    line.set(0);
    assert.equal(causes.length, 1);
  });

  it('names what fired as the settings call it', async () => {
    const line = new FakeLine(0);
    const { causes } = await started(gpioSettingsSchema.parse({ type: 'gpio', name: 'sound', gpio: 22 }), line);
    line.set(1);
    assert.deepEqual(causes, [{ trigger: 'gpio', triggerSource: 'sound' }]);
  });

  it('keeps one timer at most, however many edges come, and none after its stop', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const line = new FakeLine(1);
    const { trigger } = await started(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), line);
    const before = timers();
    for (let edge = 0; edge < 10_001; edge++) line.set(edge % 2 === 0 ? 0 : 1);
    line.set(1);
    assert.equal(timers(), before + 1);
    const stopped = trigger.stop();
    assert.equal(timers(), before);
    await stopped;
  });

  it('fires for a press that was seen so late that it looked like the bounce of the release before it', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const line = new FakeLine(1);
      const settings = buttonSettingsSchema.parse({ type: 'button', gpio: 17, cooldown: '100ms' });
      const { causes, clock } = await started(settings, line);
      const pass = (milliseconds: number) => {
        clock.now += milliseconds;
        mock.timers.tick(milliseconds);
      };
      line.set(0);
      pass(500);
      line.set(1);
      line.set(0);
      assert.equal(causes.length, 1);
      pass(30);
      await setImmediate();
      assert.equal(causes.length, 2);
    } finally {
      mock.timers.reset();
    }
  });

  it('lets the next press through after the cooldown', async () => {
    const line = new FakeLine(1);
    const { causes, clock } = await started(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), line);
    for (const [now, level] of [
      [0, 0],
      [100, 1],
      [500, 0],
      [600, 1],
      [1700, 0],
    ] as const) {
      clock.now = now;
      line.set(level);
    }
    assert.equal(causes.length, 2);
  });

  for (const [settings, pull] of [
    [{ edge: 'falling' }, 'up'],
    [{ edge: 'rising' }, 'down'],
    [{ edge: 'falling', pull: 'none' }, 'none'],
    [{ active_low: true }, 'up'],
    [{ active_low: true, edge: 'falling' }, 'down'],
  ] as const)
    it(`pulls a button with ${JSON.stringify(settings)} ${pull}`, async () => {
      const line = new FakeLine(1);
      await started(buttonSettingsSchema.parse({ type: 'button', gpio: 17, ...settings }), line);
      assert.equal(line.pull, pull);
    });

  it('releases the line when it stops, and fires no more', async () => {
    const line = new FakeLine(1);
    const { trigger, causes } = await started(buttonSettingsSchema.parse({ type: 'button', gpio: 17 }), line);
    await trigger.stop();
    line.set(0);
    assert.equal(line.isOpen, false);
    assert.deepEqual(causes, []);
  });
});
