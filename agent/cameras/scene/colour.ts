/** Red, green and blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

/** A colour written as `#rrggbb`. */
export function colour(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The colour as SVG has it, `#rrggbb`; what lies outside 0 to 255 is clipped. */
export function hex(of: Colour): string {
  const byte = (value: number) =>
    Math.round(clamp(value, 0, 255))
      .toString(16)
      .padStart(2, '0');
  return `#${byte(of[0])}${byte(of[1])}${byte(of[2])}`;
}

/** From `a` (share 0) to `b` (share 1). */
export function mix(a: Colour, b: Colour, share: number): Colour {
  const at = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * clamp(share, 0, 1);
  return [at(0), at(1), at(2)];
}

/** A surface of colour `a` under light of colour `b`: white light leaves it as it is. */
export function multiply(a: Colour, b: Colour): Colour {
  return [(a[0] * b[0]) / 255, (a[1] * b[1]) / 255, (a[2] * b[2]) / 255];
}

/** The two lights together. */
export function add(a: Colour, b: Colour, share = 1): Colour {
  return [a[0] + b[0] * share, a[1] + b[1] * share, a[2] + b[2] * share];
}

/** Brighter (factor above 1) or darker. */
export function scale(of: Colour, factor: number): Colour {
  return [of[0] * factor, of[1] * factor, of[2] * factor];
}

/** The colour between keyframes, each at a position; positions ascend. */
export function keyframes(frames: readonly (readonly [number, string])[], position: number): Colour {
  const after = frames.findIndex(([at]) => at >= position);
  const [fromAt, from] = frames.at(after === -1 ? -1 : Math.max(0, after - 1)) ?? [0, '#000000'];
  const [toAt, to] = frames.at(after) ?? [0, '#000000'];
  return mix(colour(from), colour(to), toAt === fromAt ? 1 : (position - fromAt) / (toAt - fromAt));
}

/** The value, or the limit it passes. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** 0 below `from`, 1 above `to`, and a soft step between; `from` may be the larger one. */
export function step(from: number, to: number, value: number): number {
  const share = clamp((value - from) / (to - from), 0, 1);
  return share * share * (3 - 2 * share);
}
