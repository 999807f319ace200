import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { CalendarTimer } from '../../../agent/triggers/calendar-timer';
import { timerSettingsSchema } from '../../../agent/triggers/timer';

/** Runs a timer from Monday, 1 June 2026, 7:58 on. */
async function started(cron: string, more: object = {}) {
  mock.timers.setTime(new Date(2026, 5, 1, 7, 58).getTime());
  const settings = timerSettingsSchema.parse({ type: 'timer', cron, ...more });
  const fired: string[] = [];
  const timer = new CalendarTimer({ ...settings, cron });
  await timer.start((cause) => {
    assert.deepEqual(cause, { trigger: 'timer', triggerSource: settings.name ?? 'timer' });
    fired.push(new Date().toTimeString().slice(0, 5));
  });
  return { timer, fired };
}

/** Lets time pass in steps, because a mocked timer sees the time at the end of a step. */
function pass(minutes: number): void {
  for (let second = 0; second < minutes * 60; second += 10) mock.timers.tick(10_000);
}

describe('CalendarTimer', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('fires at the minutes that its pattern names, and not at the start', async () => {
    const { fired } = await started('*/5 8 * * 1-5', { name: 'workdays' });
    pass(14);
    assert.deepEqual(fired, ['08:00', '08:05', '08:10']);
  });

  it('keeps to its hours', async () => {
    const { fired } = await started('* * * * *', { between: '08:01-08:03' });
    pass(10);
    assert.deepEqual(fired, ['08:01', '08:02']);
  });

  it('does not make up for what it missed while the machine slept', async () => {
    const { fired } = await started('0 * * * *');
    mock.timers.setTime(new Date(2026, 5, 1, 9, 30).getTime());
    pass(35);
    assert.deepEqual(fired, ['10:00']);
  });

  it('can be switched off and on', async () => {
    const { timer, fired } = await started('* * * * *');
    timer.setEnabled(false);
    pass(3);
    assert.deepEqual(fired, []);
    timer.setEnabled(true);
    pass(2);
    assert.deepEqual(fired, ['08:02', '08:03']);
  });

  it('is quiet after it was stopped, also when it is then switched on', async () => {
    const { timer, fired } = await started('* * * * *');
    await timer.stop();
    timer.setEnabled(true);
    pass(5);
    assert.deepEqual(fired, []);
  });

  for (const [cron, why] of [
    ['8 o clock', /five fields/],
    ['* * * * * *', /5 parts.*five fields/],
    ['60 * * * *', /five fields/],
    ['0 0 31 2 *', /it never comes/],
  ] as const)
    it(`refuses ${cron}, and says what it wants`, () => {
      assert.match(timerSettingsSchema.safeParse({ type: 'timer', cron }).error?.message ?? '', why);
    });
});
