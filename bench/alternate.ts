/** Does one round's worth of work and returns how it was measured: in milliseconds, or in requests a second. */
export type Measurement = () => Promise<number>;

/** What was measured in the rounds, in their order. */
export type Series = number[];

/**
 * Takes the measurements in turn, A B A B ..., so that whatever else the machine does meets all of them alike.
 * The rounds of the warm-up are not kept. Returns a series for each measurement.
 */
export async function alternate(
  { warmUp, rounds }: { warmUp: number; rounds: number },
  measurements: readonly Measurement[],
): Promise<Series[]> {
  const series: Series[] = measurements.map(() => []);
  for (let round = -warmUp; round < rounds; round += 1)
    for (const [at, measure] of measurements.entries()) {
      const value = await measure();
      if (round >= 0) series[at]?.push(value);
    }
  return series;
}

/** How long something takes, in milliseconds. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The ratio of two series round by round. */
export function ratios(ours: Series, theirs: Series): Series {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
}

/** The value below which a share (0 to 1) of the series lies. */
export function quantile(series: Series, share: number): number {
  const sorted = [...series].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}

/** The middle of a series. */
export function median(series: Series): number {
  return quantile(series, 0.5);
}
