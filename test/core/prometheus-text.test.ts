import assert from 'node:assert/strict';
import { prometheusText } from '../../core/prometheus-text';
import { readPrometheus } from '../support/prometheus';

describe('the text for Prometheus', () => {
  it('escapes what would break a line', () => {
    const text = prometheusText([
      {
        name: 'a_bytes',
        type: 'gauge',
        help: 'C:\\new\nline "x"',
        samples: [{ labels: { path: 'a"b\\c\nd' }, value: 1.5 }],
      },
    ]);
    assert.equal(
      text,
      '# HELP a_bytes C:\\\\new\\nline "x"\n# TYPE a_bytes gauge\na_bytes{path="a\\"b\\\\c\\nd"} 1.5\n',
    );
    assert.equal(readPrometheus(text).get('a_bytes')?.type, 'gauge');
  });

  it('leaves a metric without a value out, and writes numbers as Prometheus reads them', () => {
    const metric = (name: string, ...values: number[]) => ({
      ...{ name, type: 'gauge' as const, help: '' },
      samples: values.map((value, at) => ({ labels: { at: `${at}` }, value })),
    });
    const text = prometheusText([metric('none'), metric('a', Number.POSITIVE_INFINITY, 1e-7, 12e20, -3)]);
    assert.deepEqual(text.split('\n').slice(2), [
      'a{at="0"} +Inf',
      'a{at="1"} 1e-7',
      'a{at="2"} 1.2e+21',
      'a{at="3"} -3',
      '',
    ]);
  });
});
