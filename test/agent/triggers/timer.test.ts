import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { TimerTrigger, timerSettingsSchema } from '../../../agent/triggers/timer';

const day = 86_400_000;

async function started(every: number) {
  // How much further the clock is than the timers: how late they are called.
  const clock = { late: 0 };
  const begin = Date.now();
  const fired: number[] = [];
  const timer = new TimerTrigger({ type: 'timer', every, burst: 1 }, () => Date.now() + clock.late);
  await timer.start((cause) => {
    assert.deepEqual(cause, { trigger: 'timer', triggerSource: 'timer' });
    fired.push(Date.now() + clock.late - begin);
  });
  return { timer, fired, clock };
}

/** Lets time pass in steps, because a mocked timer sees the time at the end of a step. */
function pass(milliseconds: number, step = 100): void {
  for (let passed = 0; passed < milliseconds; passed += step) mock.timers.tick(step);
}

describe('TimerTrigger', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('reads how often from a duration, at least every 100ms', () => {
    assert.deepEqual(timerSettingsSchema.parse({ type: 'timer', every: '5m' }), {
      type: 'timer',
      every: 300_000,
      burst: 1,
    });
    assert.equal(timerSettingsSchema.safeParse({ type: 'timer', every: '100ms' }).success, true);
    const tooShort = timerSettingsSchema.safeParse({ type: 'timer', every: '99ms' });
    assert.match(tooShort.error?.message ?? '', /at most every 100ms/);
    assert.equal(timerSettingsSchema.safeParse({ type: 'timer' }).success, false);
  });

  it('fires at once and at the multiples of its interval', async () => {
    const { fired } = await started(10_000);
    pass(35_000);
    assert.deepEqual(fired, [0, 10_000, 20_000, 30_000]);
  });

  it('does not drift, however late it is woken', async () => {
    const { fired, clock } = await started(1000);
    clock.late = 300;
    pass(3000);
    assert.deepEqual(fired, [0, 1300, 2000, 3000]);
  });

  it('fires once, not many times, after the machine has slept', async () => {
    const { fired, clock } = await started(1000);
    clock.late = 3_600_500;
    pass(1000);
    assert.deepEqual(fired, [0, 3_601_500]);
    pass(500);
    assert.deepEqual(fired, [0, 3_601_500, 3_602_000]);
  });

  it('waits for intervals longer than a timer of JavaScript can', async () => {
    const { fired } = await started(60 * day);
    pass(60 * day - 3_600_000, 3_600_000);
    assert.deepEqual(fired, [0]);
    pass(60 * day + 3_600_000, 3_600_000);
    assert.deepEqual(fired, [0, 60 * day, 120 * day]);
  });

  it('never asks JavaScript for a delay that overflows', async () => {
    mock.timers.reset();
    const warnings: string[] = [];
    const warned = (warning: Error) => warnings.push(warning.name);
    process.on('warning', warned);
    const { timer } = await started(60 * day);
    await setImmediate();
    await timer.stop();
    process.off('warning', warned);
    assert.deepEqual(warnings, []);
  });

  it('takes a new interval at once', async () => {
    const { timer, fired } = await started(60_000);
    pass(1000);
    timer.setInterval(500);
    pass(1200);
    assert.deepEqual(fired, [0, 1500, 2000]);
  });

  it('fires nothing while it is switched off, and goes on when it is switched on', async () => {
    const { timer, fired } = await started(1000);
    timer.setEnabled(false);
    timer.setInterval(2000);
    pass(10_000);
    assert.deepEqual(fired, [0]);
    timer.setEnabled(true);
    pass(2000);
    assert.deepEqual(fired, [0, 12_000]);
  });

  it('is quiet after it was stopped, also when it is then changed', async () => {
    const { timer, fired } = await started(1000);
    await timer.stop();
    timer.setInterval(100);
    timer.setEnabled(true);
    pass(10_000);
    assert.deepEqual(fired, [0]);
  });
});
