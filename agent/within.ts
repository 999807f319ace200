import { setTimeout } from 'node:timers/promises';

/**
 * Waits for something, but no longer than so many milliseconds; what it waited for goes on. Returns its value, or
 * undefined if it was not done in time. Throws what it threw in time.
 */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const end = setTimeout(milliseconds, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, end]);
  } finally {
    over.abort();
  }
}
