import { createHash } from 'node:crypto';
import type { NewImage } from '../../core/image';

/** An image to be stored, with bytes that no text survives; what matters to a test is given. */
export function newImage(given: Partial<NewImage> = {}): NewImage {
  const bytes = given.bytes ?? Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x80, 0xfe, 0xff, 0xd9]);
  return {
    camera: 'front',
    agent: 'pi1',
    bytes,
    mimeType: 'image/jpeg',
    width: 2304,
    height: 1296,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    capturedAt: Date.now(),
    ttl: 3600,
    trigger: 'timer',
    triggerSource: 'timer',
    meta: {},
    transaction: null,
    replayed: false,
    ...given,
  };
}
