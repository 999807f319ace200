import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { PirTrigger, pirSettingsSchema } from '../../../agent/triggers/pir';
import type { Cause } from '../../../agent/triggers/trigger';
import { FakeLine } from './fake-line';

async function started(settings: object) {
  const line = new FakeLine(0);
  const motion: boolean[] = [];
  const causes: Cause[] = [];
  const parsed = pirSettingsSchema.parse({ type: 'pir', gpio: 27, ...settings });
  const trigger = new PirTrigger(
    parsed,
    line,
    (on) => motion.push(on),
    () => Date.now(),
  );
  await trigger.start((cause) => causes.push(cause));
  return { trigger, line, motion, causes };
}

describe('PirTrigger', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('needs nothing but the line, and fills in what an HC-SR501 wants', () => {
    assert.deepEqual(pirSettingsSchema.parse({ type: 'pir', gpio: 27 }), {
      type: 'pir',
      gpio: 27,
      edge: 'rising',
      pull: 'none',
      active_low: false,
      warm_up: 60_000,
      debounce: 30,
      cooldown: 10_000,
      burst: { count: 1, every: 0 },
      meta: {},
    });
  });

  it('sets no pull resistor, because the sensor drives its line', async () => {
    const { line } = await started({});
    assert.equal(line.pull, 'none');
  });

  it('believes nothing during its warm-up', async () => {
    const { line, causes, motion } = await started({});
    line.set(1);
    mock.timers.tick(59_999);
    line.set(0);
    assert.deepEqual({ causes, motion }, { causes: [], motion: [] });
  });

  it('fires as motion, with the line, on the first motion after the warm-up', async () => {
    const { line, causes, motion } = await started({});
    line.set(1);
    mock.timers.tick(55_000);
    line.set(0);
    mock.timers.tick(5000);
    line.set(1);
    assert.deepEqual(causes, [{ trigger: 'motion', triggerSource: 'gpio27' }]);
    assert.deepEqual(motion, [true]);
  });

  it('tells when motion ends, and that it began again although the cooldown lets nothing fire', async () => {
    const { line, causes, motion } = await started({ warm_up: '0s' });
    for (const level of [1, 0, 1] as const) {
      line.set(level);
      mock.timers.tick(2000);
    }
    assert.deepEqual(motion, [true, false, true]);
    assert.equal(causes.length, 1);
  });

  it('fires again after the cooldown', async () => {
    const { line, causes } = await started({ warm_up: '0s', cooldown: '10s' });
    line.set(1);
    mock.timers.tick(4000);
    line.set(0);
    mock.timers.tick(6000);
    line.set(1);
    assert.equal(causes.length, 2);
  });

  it('tells of motion that is there when the warm-up ends, without a picture of it', async () => {
    const { line, causes, motion } = await started({});
    line.set(1);
    mock.timers.tick(60_000);
    assert.deepEqual({ causes, motion }, { causes: [], motion: [true] });
  });

  it('fires again while motion goes on, where it is to repeat', async () => {
    const { line, causes } = await started({ warm_up: '0s', repeat: '30s' });
    line.set(1);
    for (let second = 0; second < 95; second++) mock.timers.tick(1000);
    assert.equal(causes.length, 4);
    line.set(0);
    for (let second = 0; second < 95; second++) mock.timers.tick(1000);
    assert.equal(causes.length, 4);
  });

  it('repeats when motion came back during the cooldown, and then keeps a cooldown from there', async () => {
    const { line, causes } = await started({ warm_up: '0s', repeat: '5s', cooldown: '20s' });
    const at = (second: number, level: 0 | 1) => {
      while (Date.now() < second * 1000) mock.timers.tick(1000);
      line.set(level);
    };
    at(0, 1);
    at(2, 0);
    at(10, 1);
    at(16, 0);
    at(30, 1);
    assert.deepEqual(causes.length, 2, 'at 0 and 15 s, and not at 30 s');
  });

  it('repeats nothing after it was stopped', async () => {
    const { trigger, line, causes } = await started({ warm_up: '0s', repeat: '5s' });
    line.set(1);
    await trigger.stop();
    mock.timers.tick(60_000);
    assert.equal(causes.length, 1);
  });

  it('refuses to repeat without end, or later than a timer can wait', () => {
    for (const repeat of ['0s', '500ms', '2d'])
      assert.equal(pirSettingsSchema.safeParse({ type: 'pir', gpio: 27, repeat }).success, false);
  });

  it('tells of motion at most once a second on a noisy line, and the truth in the end', async () => {
    const { line, motion } = await started({ warm_up: '0s' });
    for (let index = 0; index < 5000; index++) {
      line.set(index % 2 === 0 ? 1 : 0);
      mock.timers.tick(1);
    }
    mock.timers.tick(2000);
    assert.ok(motion.length <= 6, `${motion.length} messages in five seconds`);
    assert.equal(motion.at(-1), false);
  });

  it('releases the line when it stops, and tells nothing more', async () => {
    const { trigger, line, motion } = await started({ warm_up: '0s' });
    line.set(1);
    line.set(0);
    await trigger.stop();
    mock.timers.tick(5000);
    assert.equal(line.isOpen, false);
    assert.deepEqual(motion, [true]);
  });
});
