import { colour, mix } from './colour';
import { d, ellipse, path } from './shapes';
import type { View } from './view';

/** A clipped bush or hedge: soft clumps between x and x + width, standing on y. */
export function bush(
  view: View,
  part: string,
  x: number,
  y: number,
  width: number,
  height: number,
  depth: number,
  of = '#4f7a3f',
): string {
  const { light, season } = view;
  const random = view.random(part);
  const green = mix(colour(of), season.leaf[0], 0.35);
  const paints = [
    light.paint(mix(green, colour('#1f3327'), 0.45), depth, 0.1),
    light.paint(season.snowed(green, 0.6), depth, 0.5),
    light.paint(season.snowed(mix(green, colour('#c5d27a'), 0.3), 1), depth, 1),
  ] as const;
  const number = Math.max(3, Math.round((width / height) * 3.2));
  let all = '';
  for (const [tone, paint] of paints.entries()) {
    for (let i = 0; i <= number; i++) {
      const r = height * (0.5 - tone * 0.13) * (0.85 + 0.3 * random());
      const px = x + (i / number) * width + (random() - 0.5) * height * 0.3;
      all += ellipse(px, y - height * (0.42 + tone * 0.2) + r * 0.1 * random(), r * 1.1, r, paint);
    }
  }
  const shadow = ellipse(x + width / 2, y, width / 2 + height * 0.5, height * 0.2, 'url(#shadow)');
  return (
    shadow +
    all +
    path(
      d`M${x - height * 0.45} ${y}Q${x + width / 2} ${y + height * 0.1} ${x + width + height * 0.45} ${y}L${x + width + height * 0.4} ${y - height * 0.35}L${x - height * 0.4} ${y - height * 0.35}Z`,
      paints[0],
    )
  );
}

/** Blades of grass around x, y: `reach` pixels to both sides. */
export function tufts(
  view: View,
  part: string,
  x: number,
  y: number,
  reach: number,
  number: number,
  size: number,
  sunlit = 0.8,
): string {
  const random = view.random(part);
  const { light, season } = view;
  const paints = [
    light.paint(mix(season.grass, colour('#33502b'), 0.45), 0, sunlit * 0.5),
    light.paint(season.snowed(season.grass, 0.5), 0, sunlit),
    light.paint(season.snowed(mix(season.grass, colour('#dcd98a'), 0.4), 0.7), 0, sunlit),
  ];
  let all = '';
  for (let i = 0; i < number; i++) {
    const px = x + (random() * 2 - 1) * reach;
    const tall = size * (0.5 + random());
    const lean =
      (random() - 0.5) * size * 0.8 + Math.sin(view.seconds * 1.3 + px / 60) * size * 0.14 * view.weather.wind;
    all += path(
      d`M${px - size * 0.06} ${y}Q${px} ${y - tall * 0.6} ${px + lean} ${y - tall}Q${px + size * 0.08} ${y - tall * 0.5} ${px + size * 0.06} ${y}Z`,
      paints[i % 3] ?? '',
    );
  }
  return all;
}

/** Flowers that stand around x, y, as much as the season has them. */
export function flowers(
  view: View,
  part: string,
  x: number,
  y: number,
  reach: number,
  number: number,
  colours: readonly string[],
): string {
  const random = view.random(part);
  const { light, season } = view;
  let all = '';
  for (let i = 0; i < number; i++) {
    const px = x + (random() * 2 - 1) * reach;
    const py = y - 6 - 40 * random();
    const size = 2.5 + 3.5 * random();
    const paint = colours[i % colours.length] ?? '#ffffff';
    if (random() > season.bloom) continue;
    all += ellipse(
      px + Math.sin(view.seconds * 1.2 + px / 50) * 2 * view.weather.wind,
      py,
      size,
      size * 0.8,
      light.paint(paint, 0, 0.9),
    );
  }
  return all;
}
