import assert from 'node:assert/strict';

/** A metric as it was read: its type, and its values by their labels, `{camera="front"}` or the empty text. */
export interface ReadMetric {
  type: string;
  help: string;
  values: Map<string, number>;
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const sample = new RegExp(`^(${name})(\\{${label}(?:,${label})*\\})? (\\S+)$`);
const suffixes: Record<string, string[]> = { histogram: ['_bucket', '_sum', '_count'] };

/**
 * Reads Prometheus' text format 0.0.4, and fails at what its specification does not allow: each line ends with a line
 * feed; HELP and TYPE stand once and before the values, the values of a metric together, and none twice.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readPrometheus(text: string): Map<string, ReadMetric> {
  assert.ok(text.endsWith('\n'), 'the last line ends with a line feed');
  assert.ok(!text.includes('\r'));
  const metrics = new Map<string, ReadMetric>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const help = line.match(new RegExp(`^# HELP (${name}) ((?:[^\\\\]|\\\\[\\\\n])*)$`));
    const type = line.match(new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary|untyped)$`));
    if (help?.[1] !== undefined && help[2] !== undefined) {
      assert.ok(!metrics.has(help[1]), `${help[1]} comes twice`);
      current = help[1];
      metrics.set(current, { type: '', help: help[2], values: new Map() });
    } else if (type?.[1] !== undefined && type[2] !== undefined) {
      const metric = metrics.get(type[1]);
      assert.ok(type[1] === current && metric?.type === '' && metric.values.size === 0, line);
      metric.type = type[2];
    } else {
      const [, whole = '', labels = '', value = ''] = line.match(sample) ?? assert.fail(`'${line}' is no line of it`);
      const metric = metrics.get(current);
      assert.ok(metric !== undefined && metric.type !== '', `${line} has no TYPE`);
      assert.ok(
        ['', ...(suffixes[metric.type] ?? [])].some((suffix) => whole === current + suffix),
        line,
      );
      const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
      assert.ok(!Number.isNaN(number), line);
      const key = whole.slice(current.length) + labels;
      assert.ok(!metric.values.has(key), `${line} comes twice`);
      metric.values.set(key, number);
    }
  }
  return metrics;
}
