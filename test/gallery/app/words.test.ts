import assert from 'node:assert/strict';
import { ago, dayDate, dayName, longAgo, shortAge, shortRange } from '../../../gallery/app/words';

const day = 86_400_000;
const at = (year: number, month: number, date: number) => new Date(year, month - 1, date, 10, 30).getTime();

describe('the words of the gallery', () => {
  it('name a day with its year where that is not the current one', () => {
    const now = at(2026, 11, 20);
    assert.equal(dayName(now, now), 'Today');
    assert.equal(dayName(at(2026, 11, 19), now), 'Yesterday');
    assert.equal(dayName(at(2026, 11, 18), now), 'Wed 18 Nov');
    assert.equal(dayName(at(2025, 11, 18), now), 'Tue 18 Nov 2025');
    assert.equal(dayName(at(2001, 3, 4), now), 'Sun 4 Mar 2001');
    assert.equal(dayDate(now, now), 'Friday 20 November');
    assert.equal(dayDate(at(2025, 12, 31), at(2026, 1, 1)), 'Wednesday 31 December 2025');
    assert.equal(dayName(at(2025, 12, 31), at(2026, 1, 1)), 'Yesterday');
  });

  it('name a week with its year, once, where that is not the current one', () => {
    const now = at(2026, 11, 20);
    assert.equal(shortRange(at(2026, 11, 16), at(2026, 11, 22), now), '16 to 22 Nov');
    assert.equal(shortRange(at(2026, 11, 30), at(2026, 12, 6), now), '30 Nov to 6 Dec');
    assert.equal(shortRange(at(2024, 11, 18), at(2024, 11, 24), now), '18 to 24 Nov 2024');
    assert.equal(shortRange(at(2024, 11, 25), at(2024, 12, 1), now), '25 Nov to 1 Dec 2024');
    assert.equal(shortRange(at(2025, 12, 29), at(2026, 1, 4), now), '29 Dec 2025 to 4 Jan');
    assert.equal(shortRange(at(2024, 12, 30), at(2025, 1, 5), now), '30 Dec 2024 to 5 Jan 2025');
  });

  it('say an age in a unit that one can imagine', () => {
    const ages = [0, 0.5, 1, 3, 60, 61, 400, 9209].map((days) => days * day);
    const long = ['just now', '12 hours ago', '24 hours ago', '3 days ago', '60 days ago', '2 months ago'];
    assert.deepEqual(ages.map(longAgo), [...long, '13 months ago', '25 years ago']);
    assert.deepEqual(ages.map(shortAge), ['now', '12 h', '24 h', '3 d', '60 d', '2 mo', '13 mo', '25 y']);
    assert.equal(ago(9209 * day), '25 y ago');
  });
});
