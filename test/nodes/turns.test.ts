import assert from 'node:assert/strict';
import { Turns } from '../../nodes/redis-image-in/turns';

describe('Turns', () => {
  it('lets no more than so many run at once, and the next one in when one has failed', async () => {
    const turns = new Turns(2);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const task = (name: string, fails = false) =>
      turns.run(async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        if (fails) throw new Error(name);
        return name;
      });
    const [a, b, c] = [task('a', true), task('b'), task('c')];
    assert.deepEqual(begun, ['a', 'b']);
    ends.get('a')?.();
    await assert.rejects(a);
    assert.deepEqual(begun, ['a', 'b', 'c']);
    ends.get('b')?.();
    ends.get('c')?.();
    assert.deepEqual(await Promise.all([b, c]), ['b', 'c']);
  });
});
