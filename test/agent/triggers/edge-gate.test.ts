import assert from 'node:assert/strict';
import type { Level } from '../../../agent/gpio/gpio-line';
import { EdgeGate } from '../../../agent/triggers/edge-gate';

const button = { edge: 'falling', debounce: 30, cooldown: 1000 } as const;

/** The times at which a gate fires, for edges given as [time, level after it]. */
function fires(gate: EdgeGate, edges: [number, Level][]): number[] {
  return edges.filter(([time, level]) => gate.fires(level, time)).map(([time]) => time);
}

/** A thousand edges a second, each the opposite of the one before. */
function noise(seconds: number): [number, Level][] {
  return Array.from({ length: seconds * 1000 }, (_, time) => [time, (time % 2) as Level]);
}

describe('EdgeGate', () => {
  it('fires at the first edge of a press, not after the bouncing', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [5, 0],
        [7, 1],
        [8, 0],
        [300, 1],
      ]),
      [5],
    );
  });

  it('does not fire when a long held button bounces as it is let go', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [5000, 1],
        [5002, 0],
        [5003, 1],
        [5004, 0],
        [5005, 1],
      ]),
      [0],
    );
  });

  it('takes a bounce whose edges a busy machine sees late and apart for one', () => {
    assert.deepEqual(
      fires(new EdgeGate({ ...button, cooldown: 100 }, 1), [
        [0, 0],
        [500, 1],
        [525, 0],
        [550, 1],
        [575, 0],
        [590, 1],
        [800, 0],
      ]),
      [0, 800],
    );
  });

  it('fires on a rising edge where the settings say so', () => {
    assert.deepEqual(
      fires(new EdgeGate({ ...button, edge: 'rising' }, 0), [
        [0, 1],
        [500, 0],
        [2000, 1],
      ]),
      [0, 2000],
    );
  });

  it('fires again once the cooldown is over, and not a millisecond before', () => {
    const presses: [number, Level][] = [
      [0, 0],
      [100, 1],
      [500, 0],
      [600, 1],
      [999, 0],
      [1050, 1],
      [1100, 0],
      [1200, 1],
    ];
    assert.deepEqual(fires(new EdgeGate(button, 1), presses), [0, 1100]);
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [100, 1],
        [999, 0],
      ]),
      [0],
    );
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [100, 1],
        [1000, 0],
      ]),
      [0, 1000],
    );
  });

  it('forgets a press during the cooldown instead of firing late', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [100, 1],
        [900, 0],
        [1100, 1],
      ]),
      [0],
    );
  });

  it('fires on the next press after one that was shorter than the debounce time', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [10, 1],
        [2000, 0],
        [2010, 1],
        [4000, 0],
      ]),
      [0, 2000, 4000],
    );
  });

  it('fires on a press that was over before the line could be read', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 1],
        [3000, 1],
      ]),
      [0, 3000],
    );
  });

  it('takes a spike during a long press for no new press', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1), [
        [0, 0],
        [2000, 0],
        [4000, 0],
        [5000, 1],
      ]),
      [0],
    );
  });

  it('waits until a button that is held at the start was let go', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 0), [
        [0, 0],
        [500, 1],
        [2000, 0],
      ]),
      [2000],
    );
  });

  it('fires nothing before the time it opens at, and keeps no cooldown from then', () => {
    assert.deepEqual(
      fires(new EdgeGate(button, 1, 60_000), [
        [0, 0],
        [100, 1],
        [59_999, 0],
        [60_100, 1],
        [60_200, 0],
      ]),
      [60_200],
    );
  });

  it('fires about once a cooldown under noise of 1,000 edges a second, neither more nor never', () => {
    const times = fires(new EdgeGate(button, 1), noise(60));
    assert.ok(times.length > 50 && times.length <= 60, `${times.length} fires in a minute`);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok(Math.min(...gaps) >= button.cooldown);
  });

  it('goes on firing under noise whose edges are read at random', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const edges = noise(100).map(([time]): [number, Level] => [time, random() < 0.5 ? 0 : 1]);
    const times = fires(new EdgeGate(button, 1), edges);
    assert.ok(times.length > 80 && times.length <= 100, `${times.length} fires in 100 seconds`);
  });

  it('keeps 20 milliseconds between two fires, whatever is set', () => {
    const times = fires(new EdgeGate({ edge: 'rising', debounce: 0, cooldown: 0 }, 0), noise(1));
    assert.ok(times.length > 0 && times.length <= 50, `${times.length} fires in a second`);
  });

  it('fires at most once a cooldown for any sequence of edges', () => {
    // A generator with a fixed seed (Lehmer), so that a failure can be repeated.
    let seed = 42;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const gate = new EdgeGate(button, 1);
    let now = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < 100_000; index++) {
      now += random() * (random() < 0.1 ? 2000 : 20);
      if (!gate.fires(random() < 0.5 ? 0 : 1, now)) continue;
      assert.ok(now - last >= button.cooldown);
      last = now;
    }
    assert.notEqual(last, Number.NEGATIVE_INFINITY);
  });

  it('fires once it is settled for a press that came while the release before it still bounced', () => {
    const gate = new EdgeGate({ ...button, cooldown: 100 }, 1);
    assert.deepEqual(
      fires(gate, [
        [0, 0],
        [500, 1],
        [520, 0],
      ]),
      [0],
    );
    assert.deepEqual(
      [gate.unsettled, gate.settles(540), gate.settles(551), gate.settles(600)],
      [true, false, true, false],
    );
  });

  it('fires nothing for a release that is settled, or a press in the cooldown', () => {
    const gate = new EdgeGate(button, 1);
    fires(gate, [
      [0, 0],
      [10, 1],
    ]);
    assert.equal(gate.settles(50), false);
    fires(gate, [
      [500, 0],
      [510, 1],
      [520, 0],
    ]);
    assert.equal(gate.settles(560), false);
  });
});
