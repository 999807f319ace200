import { chance } from './chance';
import { clouds } from './clouds';
import { clamp, colour, hex, mix, step } from './colour';
import { circle, d, group, layered, opacity, path, radial, rectangle, vertical } from './shapes';
import { moonAge } from './sun';
import type { View } from './view';

/** The sky above a horizon (pixels from the top): colours, stars, moon, sun, clouds. */
export function sky(view: View, horizon: number): string {
  const { top, middle, horizon: low } = view.light.sky;
  return (
    vertical('sky', [
      [0, hex(top)],
      [0.5, hex(middle)],
      [1, hex(low)],
    ]) +
    rectangle(-20, -20, 1320, horizon - 10, 'url(#sky)') +
    rectangle(-20, horizon - 31, 1320, 130, hex(low)) +
    stars(view, horizon) +
    moon(view, horizon) +
    sun(view, horizon) +
    clouds(view, horizon)
  );
}

function stars({ light, weather }: View, horizon: number): string {
  const clear = step(-5, -11, light.elevation) * (1 - step(0.1, 0.7, weather.clouds)) * (1 - weather.mist);
  if (clear < 0.02) return '';
  const random = chance('stars');
  const all = Array.from({ length: 230 }, () => {
    const y = random() ** 1.4 * horizon;
    const bright = random() ** 3;
    return circle(
      random() * 1280,
      y,
      0.7 + bright * 1.6,
      '#eef2ff',
      opacity(clear * (0.3 + 0.7 * bright) * (1 - (y / horizon) ** 2 * 0.8)),
    );
  });
  return all.join('');
}

function moon(view: View, horizon: number): string {
  const age = moonAge(view.time);
  const lit = (1 - Math.cos((age / 29.53) * 2 * Math.PI)) / 2;
  const visible =
    step(1, -7, view.light.elevation) * (1 - 0.85 * step(0.3, 1, view.weather.clouds)) * step(0.03, 0.12, lit);
  if (visible < 0.02) return '';
  // A waxing moon leads the evening, a waning one the morning; it is kept in the picture, because it is pretty there.
  const night = ((view.hour + 6) % 24) / 12;
  const x = 180 + 900 * ((night * 0.75 + 0.15) % 1);
  const y = horizon * (0.52 - 0.3 * Math.sin(Math.PI * clamp(night, 0, 1)));
  const r = 24;
  const side = age < 14.77 ? 1 : -1;
  const bulge = r * Math.abs(1 - 2 * lit);
  const lens = d`M0 ${-r}A${r} ${r} 0 0 ${side > 0 ? 1 : 0} 0 ${r}A${bulge} ${r} 0 0 ${(lit > 0.5) === side > 0 ? 1 : 0} 0 ${-r}Z`;
  return group(
    radial('moonlight', [
      [0, '#dfe6ff', 0.5],
      [0.25, '#c5d2ff', 0.16],
      [1, '#c5d2ff', 0],
    ]) +
      circle(0, 0, 190 * (0.5 + lit / 2), 'url(#moonlight)') +
      path(lens, '#f6f2e2') +
      circle(-6 * side, -5, 5, '#d9d5c8', opacity(0.45 * lit)) +
      circle(5 * side, 8, 6.5, '#d9d5c8', opacity(0.45 * lit)),
    `transform="translate(${Math.round(x)} ${Math.round(y)})" ${layered(visible)}`,
  );
}

function sun({ light, weather }: View, horizon: number): string {
  if (light.elevation < -9) return '';
  const through = (1 - step(0.45, 1, weather.clouds)) * (1 - 0.5 * weather.mist);
  const low = step(22, 0, light.elevation);
  const y = horizon - light.sunHeight;
  const warm = mix(colour('#fff6df'), colour('#ffb469'), low);
  const above = step(-9, 1, light.elevation) * (0.15 + 0.85 * through);
  return (
    radial('sunlight', [
      [0, hex(mix(warm, colour('#ffffff'), 0.5)), 0.85],
      [0.12, hex(warm), 0.5],
      [0.4, hex(warm), 0.18],
      [1, hex(warm), 0],
    ]) +
    circle(
      light.sunX,
      Math.min(y, horizon + 20),
      330 + 190 * low,
      'url(#sunlight)',
      opacity(above * (0.5 + 0.4 * low)),
    ) +
    circle(
      light.sunX,
      y,
      24,
      hex(mix(colour('#fffdf4'), colour('#ffe2b0'), low)),
      opacity(through * step(-3, 0, light.elevation)),
    )
  );
}

/** The sun's warm veil over the whole picture, and the dark corners of a lens: drawn last. */
export function lens({ light }: View, horizon: number): string {
  const flare = light.sunshine * step(30, 3, light.elevation) * 0.34;
  return (
    radial('flare', [
      [0, '#ffd9a0', 1],
      [0.5, '#ffb873', 0.35],
      [1, '#ff9a5a', 0],
    ]) +
    (flare > 0.02 ? circle(light.sunX, horizon - light.sunHeight, 780, 'url(#flare)', opacity(flare)) : '') +
    radial('vignette', [
      [0, '#05070f', 0],
      [0.6, '#05070f', 0],
      [1, '#05070f', 0.26],
    ]) +
    rectangle(-160, -120, 1600, 960, 'url(#vignette)')
  );
}
