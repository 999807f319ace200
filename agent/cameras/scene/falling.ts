import { chance } from './chance';
import { colour, hex, mix } from './colour';
import { circle, d, group, opacity, rectangle, stroke, vertical } from './shapes';
import type { View } from './view';

/** Rain, snow and mist in front of everything; mist lies where the horizon is. */
export function falling(view: View, horizon: number): string {
  return mist(view, horizon) + rain(view) + snow(view);
}

function mist({ light, weather }: View, horizon: number): string {
  if (weather.mist < 0.05) return '';
  const veil = hex(mix(light.haze, light.sky.horizon, 0.5));
  return (
    vertical('mist', [
      [0, veil, 0],
      [0.5, veil, 0.62],
      [1, veil, 0.05],
    ]) + rectangle(-20, horizon - 330, 1320, 640, 'url(#mist)', opacity(weather.mist * 0.9))
  );
}

function rain({ light, seconds, weather }: View): string {
  if (weather.rain < 0.05) return '';
  const random = chance(`rain ${Math.floor(seconds * 10)}`);
  const lean = 5 + 26 * weather.wind;
  let near = '';
  let far = '';
  for (let i = 0; i < 260; i++) {
    const long = 14 + 34 * random();
    const drop = d`M${random() * 1360} ${random() * 760 - 40}l${(-lean * long) / 50} ${long}`;
    if (i % 4 === 0) near += drop;
    else far += drop;
  }
  const paint = hex(mix(light.sky.horizon, colour('#ffffff'), 0.45));
  return stroke(far, paint, 1, opacity(0.26 * weather.rain)) + stroke(near, paint, 1.8, opacity(0.32 * weather.rain));
}

function snow({ light, seconds, weather }: View): string {
  if (weather.snow < 0.05) return '';
  const random = chance('snow');
  const paint = hex(mix(light.sky.horizon, colour('#ffffff'), 0.75));
  let all = '';
  for (let i = 0; i < 190; i++) {
    const near = random();
    const speed = 34 + 70 * near;
    const y = ((random() * 800 + seconds * speed) % 800) - 40;
    const x =
      (((random() * 1400 - seconds * speed * 0.5 * weather.wind + Math.sin(seconds + i) * 14) % 1400) + 1400) % 1400;
    all += circle(x - 60, y, 1.1 + 3.2 * near ** 3, paint, opacity((0.5 + 0.45 * near) * (0.4 + 0.6 * weather.snow)));
  }
  return group(all);
}
