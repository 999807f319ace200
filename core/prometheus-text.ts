/** What kind of value a metric has: one that only grows, or one that goes up and down. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A value of a metric, told apart from others by its labels. `suffix` is for the parts of a histogram. */
export interface Sample {
  labels?: Record<string, string>;
  value: number;
  suffix?: '_bucket' | '_sum' | '_count';
}

/** A metric: its name, which carries the unit, what it means, and its values. */
export interface Metric {
  name: string;
  type: MetricType;
  help: string;
  samples: Sample[];
}

/** The content type of {@link prometheusText}. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics in the text that Prometheus reads (text format 0.0.4). A metric without a value is left out.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${escapeHelp(help)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${valueText(value)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function labelText(labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeHelp(value).replaceAll('"', '\\"')}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : `${value > 0 ? '+' : '-'}Inf`;
}
