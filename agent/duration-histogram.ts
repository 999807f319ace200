import type { Sample } from '../core/prometheus-text';

/** Upper bounds in seconds: a warm camera takes tenths of one, a network camera that hangs its whole timeout. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts how long something took, as Prometheus' histograms do: each bucket holds all that took no longer. */
export class DurationHistogram {
  private readonly buckets = bounds.map(() => 0);
  private sum = 0;
  private count = 0;

  /** Takes in a duration in milliseconds. */
  add(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    for (const [at, bound] of bounds.entries()) if (seconds <= bound) this.buckets[at] = (this.buckets[at] ?? 0) + 1;
    this.sum += seconds;
    this.count += 1;
  }

  /** The values of a histogram with these labels, in seconds. */
  samples(labels: Record<string, string>): Sample[] {
    return [
      ...bounds.map((bound, at) => bucket({ ...labels, le: `${bound}` }, this.buckets[at] ?? 0)),
      bucket({ ...labels, le: '+Inf' }, this.count),
      { suffix: '_sum', labels, value: this.sum },
      { suffix: '_count', labels, value: this.count },
    ];
  }
}

function bucket(labels: Record<string, string>, value: number): Sample {
  return { suffix: '_bucket', labels, value };
}
