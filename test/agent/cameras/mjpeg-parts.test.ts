import assert from 'node:assert/strict';
import { MjpegParts } from '../../../agent/cameras/mjpeg-parts';

const endMarker = Buffer.from([0xff, 0xd9]);

function part(body: Buffer): Buffer {
  const header = `--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(header), body, Buffer.from('\r\n')]);
}

describe('MjpegParts', () => {
  const bodies = [
    Buffer.concat([Buffer.from('a thumbnail'), endMarker, Buffer.from('\r\n--ffmpeg\r\n\r\nmore'), endMarker]),
    Buffer.from('x'),
    Buffer.alloc(70_000, 7),
  ];
  const stream = Buffer.concat(bodies.map(part));

  it('gives each picture whole, however the stream is cut into chunks', () => {
    for (const size of [1, 2, 7, 50, 4096, 65_536, stream.length]) {
      const parts = new MjpegParts();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) found.push(...parts.push(stream.subarray(at, at + size)));
      assert.deepEqual(found, bodies, `chunks of ${size} bytes`);
    }
  });

  it('gives a picture as soon as its last byte has come', () => {
    const parts = new MjpegParts();
    const whole = part(Buffer.from('picture'));
    assert.deepEqual(parts.push(whole.subarray(0, -3)), []);
    assert.deepEqual(parts.push(whole.subarray(-3, -2)), [Buffer.from('picture')]);
  });

  it('refuses a stream of something else, and a length beyond all reason', () => {
    const refused = /no MJPEG part/;
    assert.throws(() => new MjpegParts().push(Buffer.alloc(10_000, 65)), refused);
    assert.throws(() => new MjpegParts().push(Buffer.from('--ffmpeg\r\n\r\n')), refused);
    assert.throws(() => new MjpegParts().push(Buffer.from('--x\r\nContent-length: 99999999999\r\n\r\n')), refused);
    assert.throws(() => new MjpegParts().push(Buffer.from('--x\r\nContent-length: 0\r\n\r\n')), refused);
  });
});
