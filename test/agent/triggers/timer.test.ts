import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { TimerTrigger, timerSettingsSchema } from '../../../agent/triggers/timer';

const day = 86_400_000;

async function started(every: number, more: object = {}) {
  // How much further the clock is than the timers: how late they are called.
  const clock = { late: 0 };
  const begin = Date.now();
  const fired: number[] = [];
  const settings = timerSettingsSchema.parse({ type: 'timer', every: `${every}ms`, ...more });
  const timer = new TimerTrigger({ ...settings, every }, () => Date.now() + clock.late);
  await timer.start((cause) => {
    assert.deepEqual(cause, { trigger: 'timer', triggerSource: settings.name ?? 'timer' });
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
      burst: { count: 1, every: 0 },
      meta: {},
    });
    assert.equal(timerSettingsSchema.safeParse({ type: 'timer', every: '100ms' }).success, true);
    const tooShort = timerSettingsSchema.safeParse({ type: 'timer', every: '99ms' });
    assert.match(tooShort.error?.message ?? '', /at most every 100ms/);
  });

  it('has an interval or a calendar, not both and not neither', () => {
    for (const settings of [{}, { every: '1m', cron: '* * * * *' }]) {
      const { error } = timerSettingsSchema.safeParse({ type: 'timer', ...settings });
      assert.match(error?.message ?? '', /either every, for example 30s, or cron/);
    }
  });

  it('is called in images as its settings name it', async () => {
    const { fired } = await started(1000, { name: 'minutely' });
    assert.deepEqual(fired, [0]);
  });

  it('fires within its hours alone, and without having to be started anew', async () => {
    mock.timers.setTime(new Date(2026, 5, 1, 5, 58, 30).getTime());
    const { fired } = await started(60_000, { between: '06:00-06:03' });
    pass(600_000, 10_000);
    assert.deepEqual(
      fired.map((time) => time / 60_000),
      [2, 3, 4],
    );
  });

  it('takes no picture at the start if it is switched off', async () => {
    const settings = timerSettingsSchema.parse({ type: 'timer', every: '1s' });
    const timer = new TimerTrigger({ ...settings, every: 1000 }, () => Date.now());
    let fires = 0;
    timer.setEnabled(false);
    await timer.start(() => {
      fires += 1;
    });
    pass(5000);
    assert.equal(fires, 0);
    await timer.stop();
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
