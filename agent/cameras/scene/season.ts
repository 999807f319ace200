import { type Colour, colour, keyframes, mix, step } from './colour';
import { dayOfYear } from './sun';
import type { Weather } from './weather';

/** What the time of the year does to plants and to the ground. */
export interface Season {
  /** Share of the leaves on the trees, 0 to 1. */
  leaves: number;
  /** The leaves in shade, in between, and in light. */
  leaf: readonly [Colour, Colour, Colour];
  grass: Colour;
  /** Share of flowers in bloom, 0 to 1. */
  bloom: number;
  /** Share of stoves and lamps that warm the house, 0 to 1. */
  cold: number;
  /** The colour with snow on it, where snow lies; `share` tells how much stays on it. */
  snowed(of: Colour, share?: number): Colour;
}

const leafShade = [
  [0, '#6b5a3c'],
  [90, '#6a7f35'],
  [130, '#4f7d33'],
  [200, '#3b6630'],
  [260, '#57702f'],
  [290, '#9a5a25'],
  [325, '#86461f'],
  [350, '#6b4a2c'],
  [366, '#6b5a3c'],
] as const;
const leafMiddle = [
  [0, '#86724a'],
  [90, '#93a848'],
  [130, '#74a544'],
  [200, '#568a3c'],
  [260, '#85913c'],
  [290, '#cf8130'],
  [325, '#bd6a2a'],
  [350, '#8a6236'],
  [366, '#86724a'],
] as const;
const leafLight = [
  [0, '#a18c5e'],
  [90, '#c0cc6c'],
  [130, '#a2c95e'],
  [200, '#7fae50'],
  [260, '#b3ae4b'],
  [290, '#eab14a'],
  [325, '#de9a42'],
  [350, '#a67c48'],
  [366, '#a18c5e'],
] as const;
const grassKeys = [
  [0, '#83894f'],
  [90, '#86a44c'],
  [130, '#7fb04a'],
  [200, '#7fa94b'],
  [260, '#8aa54b'],
  [310, '#8d9f4c'],
  [350, '#83894f'],
  [366, '#83894f'],
] as const;

/** The season of a day of the northern half of the world. */
export function seasonAt(time: Date, weather: Weather): Season {
  const day = dayOfYear(time);
  return {
    leaves: step(95, 125, day) * (1 - 0.95 * step(305, 345, day)),
    leaf: [keyframes(leafShade, day), keyframes(leafMiddle, day), keyframes(leafLight, day)],
    grass: keyframes(grassKeys, day),
    bloom: Math.max(step(100, 130, day) * step(300, 265, day), 0.25 * step(335, 300, day) * step(100, 130, day)),
    cold: Math.max(step(270, 310, day), step(120, 80, day)),
    snowed: (of, share = 1) => mix(of, colour('#f4f7fb'), weather.snowCover * share),
  };
}
