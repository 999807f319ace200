import { chance } from './chance';
import { clamp } from './colour';

/** Noise of a sensor, -1 to 1 and mostly near 0; long enough that its repetition does not show. */
const noise = (() => {
  const random = chance('grain');
  return Float32Array.from({ length: 1 << 16 }, () => random() + random() + random() - 1.5);
})();

/** Adds the grain of a sensor to raw pixels, in place: hardly any at gain 1, visible in the dark. The same for one `seed`. */
export function grain(pixels: Buffer, channels: number, gain: number, seed: number): void {
  const amount = 1.6 + 1.1 * Math.log2(gain);
  const random = chance(String(seed));
  const mask = noise.length - 1;
  for (let row = 0; row < pixels.length; ) {
    // Each stretch of pixels starts anywhere in the noise, so that no pattern of its length appears.
    const end = Math.min(pixels.length, row + channels * 1024);
    let at = Math.floor(random() * noise.length);
    for (let i = row; i < end; i += channels) {
      const change = (noise[at++ & mask] ?? 0) * amount;
      for (let channel = 0; channel < channels; channel++) {
        const value = (pixels[i + channel] ?? 0) + change;
        pixels[i + channel] = clamp(value, 0, 255);
      }
    }
    row = end;
  }
}
