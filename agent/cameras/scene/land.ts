import { type Colour, colour, mix } from './colour';
import { d, ellipse, opacity, path, polygon, rectangle, vertical } from './shapes';
import type { View } from './view';

/** A line of hills: rises `height` above y, in soft waves. */
export function hills(view: View, part: string, y: number, height: number, depth: number, of: string | Colour): string {
  const random = view.random(part);
  const [a, b, c] = [random() * 6, random() * 6, random() * 6];
  let line = '';
  for (let x = -20; x <= 1300; x += 20) {
    const wave = Math.sin(x / 210 + a) * 0.5 + Math.sin(x / 97 + b) * 0.22 + Math.sin(x / 400 + c) * 0.5;
    line += d`L${x} ${y - height * (0.5 + 0.45 * wave)}`;
  }
  const surface = view.season.snowed(typeof of === 'string' ? colour(of) : of, 0.85);
  return fading(
    `hills-${part}`,
    path(d`M-20 ${y + 80}` + line + d`L1300 ${y + 80}Z`, `url(#hills-${part})`),
    view.light.paint(surface, depth, 0.8),
    view.light.paint(surface, Math.min(1.4, depth + 0.22), 0.8),
  );
}

function fading(id: string, shape: string, top: string, bottom: string): string {
  return (
    vertical(id, [
      [0, top],
      [1, bottom],
    ]) + shape
  );
}

/** A far line of trees between two x. */
export function woods(
  view: View,
  part: string,
  from: number,
  to: number,
  y: number,
  height: number,
  depth: number,
): string {
  const random = view.random(part);
  let line = d`M${from} ${y + 20}L${from} ${y}`;
  for (let x = from; x < to; ) {
    const width = height * (0.6 + 0.7 * random());
    const tall = height * (0.55 + 0.5 * random());
    line += d`Q${x + width * 0.1} ${y - tall} ${x + width * 0.5} ${y - tall}T${x + width} ${y - height * 0.3}`;
    x += width;
  }
  const leaf = mix(mix(view.season.leaf[1], colour('#3e5a41'), 0.5), colour('#5b4d42'), 0.5 * (1 - view.season.leaves));
  return path(`${line}${d`L${to} ${y + 20}Z`}`, view.light.paint(view.season.snowed(leaf, 0.4), depth, 0.6));
}

/** The grass from y down to the bottom, lighter far away, with the tufts of the near edge. */
export function meadow(view: View, part: string, y: number, far = 0.3): string {
  const { light, season } = view;
  const green = season.snowed(season.grass, 0.95);
  return (
    vertical(`meadow-${part}`, [
      [0, light.paint(mix(green, colour('#d7d98b'), 0.18 * (1 - view.weather.snowCover)), far, 1)],
      [0.35, light.paint(green, far / 3, 0.9)],
      [1, light.paint(mix(green, colour('#2f4a2a'), 0.35 * (1 - view.weather.snowCover)), 0, 0.6)],
    ]) + rectangle(-20, y, 1320, 740 - y, `url(#meadow-${part})`)
  );
}

/** The soft shadow that a thing standing at x, y throws away from the sun; longer the lower the sun. */
export function shadow(view: View, x: number, y: number, width: number, height: number): string {
  const { light } = view;
  const away = light.sunX > x ? -1 : 1;
  const long = Math.min(2.6, 1 / Math.max(0.3, Math.tan((Math.max(light.elevation, 3) * Math.PI) / 180) * 1.3));
  const strength = 0.28 + 0.5 * light.sunshine;
  return (
    ellipse(
      x + away * height * 0.35 * long * light.sunshine,
      y + 2,
      width * 0.5 + height * 0.35 * long * light.sunshine,
      Math.max(5, height * 0.07),
      'url(#shadow)',
      opacity(strength),
    ) + ellipse(x, y + 1, width * 0.55, Math.max(3, width * 0.08), 'url(#shadow)', opacity(0.7))
  );
}

/** A picket fence from x, standing on y. */
export function fence(
  view: View,
  x: number,
  y: number,
  width: number,
  height: number,
  depth = 0,
  of = '#f1ede2',
): string {
  const paint = view.light.paint(of, depth, 0.9);
  const dark = view.light.paint(of, depth, 0.2);
  let all =
    rectangle(x, y - height * 0.72, width, height * 0.09, dark) +
    rectangle(x, y - height * 0.3, width, height * 0.09, dark);
  const pitch = height * 0.3;
  for (let px = x; px <= x + width - pitch * 0.5; px += pitch) {
    all += polygon(
      [
        px,
        y,
        px,
        y - height * 0.86,
        px + pitch * 0.29,
        y - height,
        px + pitch * 0.58,
        y - height * 0.86,
        px + pitch * 0.58,
        y,
      ],
      paint,
    );
  }
  return all;
}
