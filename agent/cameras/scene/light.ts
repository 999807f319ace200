import { add, type Colour, clamp, colour, hex, keyframes, mix, multiply, scale, step } from './colour';
import { sunAt } from './sun';
import type { Weather } from './weather';

/** The light of a moment, and what it makes of the colours of things. */
export interface Light {
  /** Degrees of the sun above the horizon. */
  elevation: number;
  /** Where the sun stands in the picture, in pixels from the left; things throw their shadow away from it. */
  sunX: number;
  /** Pixels of the sun above the horizon. */
  sunHeight: number;
  /** How much of the sun comes through, 0 to 1: the strength of shadows. */
  sunshine: number;
  /** 1 in the dark, when lamps are lit; 0 by day. */
  night: number;
  /** The same for lamps in rooms, which are lit on gloomy days too. */
  indoors: number;
  sky: { top: Colour; middle: Colour; horizon: Colour };
  sunColour: Colour;
  /** The colour of the air between here and the hills. */
  haze: Colour;
  hazeAmount: number;
  ambient: Colour;
  /** How a thing of this colour looks: at a depth from 0 (here) to 1 (the horizon), sunlit from 0 (shade) to 1. */
  paint(of: string | Colour, depth?: number, sunlit?: number): string;
}

const skyTop = [
  [-18, '#0a1130'],
  [-9, '#15235a'],
  [-4, '#2c4a8e'],
  [1, '#4f7fbd'],
  [8, '#4a90d2'],
  [30, '#2f82d2'],
  [90, '#2377cc'],
] as const;
const skyMiddle = [
  [-18, '#12204a'],
  [-9, '#47508f'],
  [-4, '#a97f9f'],
  [1, '#dcae9e'],
  [8, '#9cc6e2'],
  [30, '#7dbae8'],
  [90, '#6bb0e8'],
] as const;
const skyHorizon = [
  [-18, '#263866'],
  [-9, '#b0748a'],
  [-4, '#ffa06c'],
  [1, '#ffc27c'],
  [8, '#fbe3b8'],
  [30, '#d9ecf4'],
  [90, '#cbe6f5'],
] as const;
const ambientKeys = [
  [-18, '#4a5b98'],
  [-9, '#5765a2'],
  [-4, '#8785b2'],
  [1, '#948ba4'],
  [8, '#99a3b5'],
  [30, '#a3b0c2'],
  [90, '#aab6c6'],
] as const;
const sunKeys = [
  [-4, '#000000'],
  [-1, '#6f4028'],
  [3, '#b87440'],
  [8, '#b58c5c'],
  [20, '#907f62'],
  [90, '#7f7767'],
] as const;

/** The light at a time in a weather. */
export function lightAt(time: Date, weather: Weather): Light {
  const { elevation, course } = sunAt(time);
  const covered = step(0.4, 1, weather.clouds);
  const dim = 1 - 0.1 * covered - 0.1 * weather.rain;
  const night = step(1.5, -3, elevation + 3 - 5 * covered);

  // Morning air is cleaner and cooler: rose where the evening is orange.
  const rose = course < 0 ? 0.35 * step(12, 2, Math.abs(elevation)) : 0;
  const under = (sky: Colour, cloudy: string, share: number): Colour => {
    const day = step(-12, 6, elevation);
    const cover = mix(scale(sky, 0.72), multiply(colour(cloudy), mix(colour('#2c3657'), colour('#ffffff'), day)), 0.75);
    return scale(mix(sky, cover, covered * share), dim);
  };
  const clear = keyframes(skyTop, elevation);
  const sky = {
    top: under(mix(clear, keyframes(skyHorizon, elevation), 0.5 * weather.mist), '#a3b0bd', 0.95),
    middle: under(mix(keyframes(skyMiddle, elevation), colour('#d9a5bd'), rose), '#c3ccd4', 0.95),
    horizon: under(mix(keyframes(skyHorizon, elevation), colour('#f7b7b5'), rose), '#dfe4e6', 0.9),
  };

  const sunshine = (1 - covered) ** 1.3 * (1 - weather.mist * 0.6) * step(-1.5, 5, elevation);
  const sunColour = scale(keyframes(sunKeys, elevation), (1 - covered) * (1 - 0.5 * weather.mist));
  const ambient = scale(
    mix(keyframes(ambientKeys, elevation), colour('#dde0e3'), covered * 0.85 * step(-4, 8, elevation)),
    dim,
  );
  const dark = step(-3, -10, elevation);
  const haze = mix(sky.horizon, sky.middle, 0.4);
  const hazeAmount = clamp(
    0.5 + 0.35 * covered + weather.mist * 0.9 + weather.rain * 0.25 + weather.snow * 0.4,
    0,
    1.6,
  );

  return {
    elevation,
    sunX: 640 + 500 * clamp(course, -1.3, 1.3),
    sunHeight: elevation * 13,
    sunshine,
    night,
    indoors: Math.max(night, 0.85 * covered * step(0.2, 0.7, weather.rain + weather.snow) * step(34, 22, elevation)),
    sky,
    sunColour,
    haze,
    hazeAmount,
    ambient,
    paint(of, depth = 0, sunlit = 1) {
      const surface = typeof of === 'string' ? colour(of) : of;
      // In moonlight, things lose their colours to a blue grey.
      const grey = (surface[0] * 2 + surface[1] * 3 + surface[2]) / 6;
      const pale = mix(surface, [grey * 0.95, grey * 1.02, grey * 1.2], 0.5 * dark);
      const lit = multiply(pale, add(ambient, sunColour, sunlit));
      const air = 1 - Math.exp(-depth * 1.3 * hazeAmount - depth * depth * weather.mist * 3);
      return hex(mix(lit, haze, air));
    },
  };
}
