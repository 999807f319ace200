import assert from 'node:assert/strict';
import { readOldKey } from '../../../agent/adopt/old-layouts';

describe('readOldKey', () => {
  const read = (key: string, ownPrefix = '') => readOldKey(key, ownPrefix);

  it('knows the keys of redis-pi-camera', () => {
    assert.deepEqual(read('image:1681923128'), {
      key: 'image:1681923128',
      layout: 'redis-pi-camera',
      owner: '',
      cameraId: '',
      capturedAt: 1_681_923_128_000,
    });
  });

  it('knows the keys of edge-video, old and new', () => {
    const cases = [
      ['supermercado_vhost:frames:cam4:1731024000123456789:00001', 'supermercado_vhost', 'cam4', 1_731_024_000_123],
      ['v:frames:cam4:1731024000123456789:ab12cd34', 'v', 'cam4', 1_731_024_000_123],
      ['/:my frames:Cam:4:1731024000999999999:99999', '/', 'Cam:4', 1_731_024_000_999],
      ['frames:shop:cam1:2024-01-15T10:30:00Z:00001', 'shop', 'cam1', 1_705_314_600_000],
      ['frames:shop:Cam 1:2024-01-15T10:30:00.987654321-03:00:00042', 'shop', 'Cam 1', 1_705_325_400_987],
      ['frames:cam1:2024-01-15T10:30:00.5+00:00', '', 'cam1', 1_705_314_600_500],
    ] as const;
    for (const [key, owner, cameraId, capturedAt] of cases)
      assert.deepEqual(read(key), { key, layout: 'edge-video', owner, cameraId, capturedAt });
  });

  it('takes nothing else for one of them', () => {
    const others = [
      'image:front:1781000000123',
      'images:1681923128',
      'image:now',
      'image:1681923128:thumbnail',
      'v:frames:cam4:1731024000123:00001',
      'v:frames:images:1731024000123456789',
      'cam4:1731024000123456789:00001',
      'frames:shop:cam1:yesterday:00001',
      'frames:shop:cam1:0001-01-01T00:00:00Z:00001',
      'stats:shop:cam1:2024-01-15T10:30:00Z:00001',
      'events',
    ];
    for (const key of others) assert.equal(read(key), null, key);
  });

  it("never takes luxcam's own images for old ones, whatever its prefix and its cameras are called", () => {
    const key = 'v:frames:image:1700000000000000000:1781000000';
    assert.equal(read(key)?.layout, 'edge-video');
    assert.equal(read(key, 'v:frames:'), null);
  });
});
