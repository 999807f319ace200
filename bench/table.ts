import { median, quantile, ratios, type Series } from './alternate';

/** One comparison: what luxcam does against something measured in the same rounds. */
export interface Comparison {
  name: string;
  ours: Series;
  against: string;
  theirs: Series;
  unit: 'ms' | 'requests/s';
  /** Absent where the comparison is only there to explain another one. */
  goal?: { atMost: number } | { atLeast: number };
}

const headings = ['', '', 'against', '', 'ratio', 'quartiles', 'goal', ''];

/** The comparisons as a table of text: medians, the median of the rounds' ratios and its quartiles. */
export function formatTable(comparisons: readonly Comparison[]): string {
  const rows = [headings, ...comparisons.map(cells)];
  const widths = headings.map((_heading, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ name, ours, against, theirs, unit, goal }: Comparison): string[] {
  const ratio = ratios(ours, theirs);
  const quartiles = `${quantile(ratio, 0.25).toFixed(2)} to ${quantile(ratio, 0.75).toFixed(2)}`;
  const measured = [name, amount(ours, unit), against, amount(theirs, unit), median(ratio).toFixed(2), quartiles];
  if (goal === undefined) return [...measured, '', ''];
  if ('atMost' in goal) return [...measured, `<= ${goal.atMost}`, verdict(median(ratio) <= goal.atMost)];
  return [...measured, `>= ${goal.atLeast}`, verdict(median(ratio) >= goal.atLeast)];
}

function amount(series: Series, unit: Comparison['unit']): string {
  return unit === 'ms' ? `${median(series).toFixed(2)} ms` : `${Math.round(median(series))} requests/s`;
}

function verdict(reached: boolean): string {
  return reached ? 'reached' : 'missed';
}
