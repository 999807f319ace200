import assert from 'node:assert/strict';
import { isWithin, timeWindowSchema } from '../../../agent/triggers/time-window';

const at = (text: string, hour: number, minute = 0) =>
  isWithin(timeWindowSchema.parse(text), new Date(2026, 5, 1, hour, minute));

describe('A time window', () => {
  it('begins with its first minute and ends before its last', () => {
    assert.deepEqual(
      [at('06:30-22:00', 6, 29), at('06:30-22:00', 6, 30), at('06:30-22:00', 21, 59), at('06:30-22:00', 22)],
      [false, true, true, false],
    );
  });

  it('may cross midnight', () => {
    assert.deepEqual(
      [at('22:00-06:00', 21, 59), at('22:00-06:00', 22), at('22:00-06:00', 0), at('22:00-06:00', 6)],
      [false, true, true, false],
    );
  });

  it('may reach to the end of the day', () => {
    assert.deepEqual([at('20:00-24:00', 23, 59), at('20:00-24:00', 0)], [true, false]);
  });

  it('is the whole day where there is none', () => {
    assert.equal(isWithin(undefined, new Date()), true);
  });

  for (const text of ['6:00-22:00', '06:00', '06:00-06:00', '06:60-07:00', '25:00-26:00', '24:00-06:00', '00:00-24:01'])
    it(`is not ${text}`, () => {
      assert.equal(timeWindowSchema.safeParse(text).success, false);
    });
});
