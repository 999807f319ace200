/**
 * Does a work with each item, `count` at a time. After an error or an abort no other one is begun, and those begun are
 * waited for. Throws the first error.
 */
export async function forEachAtOnce<T>(
  items: readonly T[],
  count: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  let failed = false;
  const worker = async () => {
    for (const item of rest) {
      if (signal.aborted || failed) return;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: count }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
