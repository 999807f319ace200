import { clamp } from './colour';
import type { Weather } from './weather';

/** The latitude of the scene in degrees: far enough north for seasons, far enough south for short dusks. */
const latitude = 47;
const radians = Math.PI / 180;

/** Days since the year began, by local time, with the fraction of the day. */
export function dayOfYear(time: Date): number {
  return (time.getTime() - new Date(time.getFullYear(), 0, 1).getTime()) / 86_400_000;
}

/** Hours since local midnight. */
export function hourOf(time: Date): number {
  return time.getHours() + time.getMinutes() / 60 + time.getSeconds() / 3600;
}

/** Where the sun stands: `elevation` in degrees above the horizon, `course` from -1 (sunrise) over 0 (noon) to 1 (sunset). */
export function sunAt(time: Date): { elevation: number; course: number } {
  const declination = -23.44 * Math.cos(((dayOfYear(time) + 10) / 365.25) * 2 * Math.PI) * radians;
  const hourAngle = (hourOf(time) - 12.25) * 15 * radians;
  const north = latitude * radians;
  const height =
    Math.sin(north) * Math.sin(declination) + Math.cos(north) * Math.cos(declination) * Math.cos(hourAngle);
  const sunset = Math.acos(-Math.tan(north) * Math.tan(declination));
  return { elevation: Math.asin(height) / radians, course: hourAngle / sunset };
}

/** Days since new moon, 0 to 29.5, counted from the new moon of 2000-01-06. */
export function moonAge(time: Date): number {
  return ((((time.getTime() - Date.UTC(2000, 0, 6, 18, 14)) / 86_400_000) % 29.530588) + 29.530588) % 29.530588;
}

/** Sun elevation in degrees and the lux of a clear sky at a shaded spot, where house cameras hang. */
const clearSky: readonly (readonly [number, number])[] = [
  [-18, 0.1],
  [-12, 0.3],
  [-6, 6],
  [-3, 60],
  [0, 450],
  [5, 2600],
  [10, 5200],
  [20, 9800],
  [40, 16500],
  [60, 20000],
  [90, 20000],
];

/** The light in lux, 0.1 to 20,000: from the height of the sun, and what the weather leaves of it. */
export function luxAt(elevation: number, weather: Weather): number {
  const after = Math.max(
    1,
    clearSky.findIndex(([at]) => at >= elevation),
  );
  const [fromAt, from] = clearSky[after - 1] ?? [0, 0.1];
  const [toAt, to] = clearSky[after] ?? [0, 0.1];
  const share = clamp((elevation - fromAt) / (toAt - fromAt), 0, 1);
  const clear = Math.exp(Math.log(from) + (Math.log(to) - Math.log(from)) * share);
  const left =
    (1 - 0.72 * weather.clouds ** 1.5) *
    (1 - 0.4 * weather.rain) *
    (1 - 0.3 * weather.mist) *
    (1 - 0.25 * weather.snow);
  const lux = clamp(clear * left, 0.1, 20_000);
  return lux < 10 ? Math.round(lux * 10) / 10 : lux < 1000 ? Math.round(lux) : Math.round(lux / 10) * 10;
}
