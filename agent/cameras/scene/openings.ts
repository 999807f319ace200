import { colour, hex, mix, step } from './colour';
import { circle, d, ellipse, opacity, path, polygon, rectangle, vertical } from './shapes';
import type { View } from './view';

/** A window: x, y is its upper left corner. By day it holds the sky, in the evening a lamp, and at night most sleep. */
export function window(
  view: View,
  part: string,
  x: number,
  y: number,
  width: number,
  height: number,
  options: { depth?: number; shutters?: string; late?: boolean } = {},
): string {
  const { light } = view;
  const depth = options.depth ?? 0;
  const random = view.random(`window ${part}`);
  const bedtime = options.late === true ? 30 : 21.5 + 4 * random();
  const rises = 5.6 + 2 * random();
  const clock = view.hour < 12 ? view.hour + 24 : view.hour;
  const awake = clock < bedtime || clock > rises + 24;
  const home = random() < 0.8 || options.late === true;
  const lamp = light.indoors * (awake && home ? 1 : 0);
  const tint = mix(colour('#ffc873'), colour('#ffe3ae'), random());
  const frame = light.paint('#f6f3ea', depth, 0.9);
  const id = `glass-${part.replaceAll(' ', '-')}`;
  const glassTop = mix(mix(colour(light.paint('#2c3a4c', depth, 0.6)), light.sky.middle, 0.35), tint, lamp);
  const glassLow = mix(colour(light.paint('#3d4c5c', depth, 0.4)), mix(tint, colour('#ff9d45'), 0.45), lamp);
  const shutter = options.shutters;
  const wings =
    shutter === undefined
      ? ''
      : rectangle(x - width * 0.46, y - 2, width * 0.4, height + 4, light.paint(shutter, depth, 0.85)) +
        rectangle(x + width * 1.06, y - 2, width * 0.4, height + 4, light.paint(shutter, depth, 0.7));
  const edge = Math.max(2, width * 0.06);
  const curtain = light.paint('#d8cfc0', depth, 0.5);
  return (
    vertical(id, [
      [0, hex(glassTop)],
      [1, hex(glassLow)],
    ]) +
    (lamp > 0.1
      ? ellipse(x + width / 2, y + height / 2, width * 1.5, height * 1.25, 'url(#lamplight)', opacity(0.5 * lamp))
      : '') +
    wings +
    rectangle(x - edge, y - edge, width + edge * 2, height + edge * 2, frame) +
    rectangle(x, y, width, height, `url(#${id})`) +
    path(
      d`M${x} ${y}h${width * 0.2}q${-width * 0.02} ${height * 0.5} ${-width * 0.2} ${height * 0.86}z`,
      lamp > 0.3 ? '#f3b765' : curtain,
      opacity(0.75),
    ) +
    path(
      d`M${x + width} ${y}h${-width * 0.2}q${width * 0.02} ${height * 0.5} ${width * 0.2} ${height * 0.86}z`,
      lamp > 0.3 ? '#e9a657' : curtain,
      opacity(0.75),
    ) +
    polygon(
      [x + width * 0.1, y + height, x + width * 0.5, y, x + width * 0.7, y, x + width * 0.3, y + height],
      '#ffffff',
      opacity(0.1 * step(-6, 8, light.elevation)),
    ) +
    rectangle(x + width / 2 - edge * 0.3, y, edge * 0.6, height, frame) +
    rectangle(x, y + height * 0.36, width, edge * 0.6, frame) +
    rectangle(
      x - edge * 1.6,
      y + height + edge * 0.6,
      width + edge * 3.2,
      edge * 1.2,
      light.paint(view.season.snowed(colour('#e9e4d8'), 1), depth, 1),
    ) +
    rectangle(x, y, width, height * 0.1, '#1b2030', opacity(0.22 * (1 - lamp)))
  );
}

/** A panelled front door; x, y is its upper left corner. */
export function door(view: View, x: number, y: number, width: number, height: number, of: string): string {
  const { light } = view;
  const paint = light.paint(of, 0, 0.85);
  const dark = light.paint(mix(colour(of), colour('#1a1a26'), 0.3), 0, 0.5);
  const edge = width * 0.1;
  const glass = hex(mix(colour(light.paint('#3a4a5a', 0, 0.5)), colour('#ffd58a'), light.night));
  return (
    rectangle(x - edge, y - edge, width + edge * 2, height + edge, light.paint('#f3efe4', 0, 0.85)) +
    rectangle(x, y, width, height, paint) +
    rectangle(x + width * 0.16, y + height * 0.08, width * 0.68, height * 0.24, glass) +
    rectangle(x + width * 0.48, y + height * 0.08, width * 0.05, height * 0.24, paint) +
    rectangle(x + width * 0.16, y + height * 0.4, width * 0.68, height * 0.22, dark, opacity(0.7)) +
    rectangle(x + width * 0.16, y + height * 0.68, width * 0.68, height * 0.24, dark, opacity(0.7)) +
    circle(x + width * 0.87, y + height * 0.53, width * 0.055, light.paint('#e7c873', 0, 1)) +
    rectangle(x - edge * 2, y + height, width + edge * 4, height * 0.05, light.paint('#a39b90', 0, 0.9))
  );
}

/** A lantern on a wall with the warm pool it makes at night. */
export function lantern(view: View, x: number, y: number, reach: number): string {
  const { light } = view;
  const on = light.night;
  return (
    (on > 0.05
      ? circle(x, y + 8, reach, 'url(#lamplight)', opacity(0.85 * on)) +
        ellipse(x, y + reach * 0.55, reach * 0.6, reach * 0.75, 'url(#lamplight)', opacity(0.4 * on))
      : '') +
    rectangle(x - 5, y - 8, 10, 18, hex(mix(colour(light.paint('#cfd6da', 0, 0.7)), colour('#fff0c4'), on))) +
    polygon([x - 9, y - 8, x, y - 16, x + 9, y - 8], light.paint('#2d3036', 0, 0.7)) +
    rectangle(x - 6, y + 10, 12, 3, light.paint('#2d3036', 0, 0.7))
  );
}
