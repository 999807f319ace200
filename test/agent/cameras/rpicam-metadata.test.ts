import assert from 'node:assert/strict';
import { readRpicamMetadata } from '../../../agent/cameras/rpicam-metadata';

describe('readRpicamMetadata', () => {
  it('reads whatever stands there: numbers, text, nothing, damaged lines', () => {
    const text = 'Lux=0.041\nA=1\nB=-2.5e-3\nC=true\nD=[ 1, 2 ]\nE=a=b\nF=\nbroken\n=x\nG=12345678901234567890\n\n';
    assert.deepEqual(readRpicamMetadata(text), {
      lux: 0.041,
      metadata: { A: 1, B: -0.0025, C: 'true', D: '[ 1, 2 ]', E: 'a=b', F: '', G: '12345678901234567890' },
    });
    assert.deepEqual(readRpicamMetadata(''), { lux: undefined, metadata: {} });
    assert.deepEqual(readRpicamMetadata('Lux=nan\n'), { lux: undefined, metadata: { Lux: 'nan' } });
  });
});
