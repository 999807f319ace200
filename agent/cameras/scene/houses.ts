import { colour, hex, mix, step } from './colour';
import { circle, d, ellipse, group, horizontal, opacity, path, polygon, rectangle, stroke, vertical } from './shapes';
import type { View } from './view';

export interface House {
  /** A name of its own within the place: seeds its windows. */
  part: string;
  /** The left foot of the wall, in pixels, and its size. */
  x: number;
  y: number;
  width: number;
  wall: number;
  roof: number;
  wallColour: string;
  roofColour: string;
  /** The roof shows its gable, or its slope. */
  shape: 'gable' | 'slope';
  depth?: number;
  chimney?: number;
}

/** Walls, roof and chimney of a house; windows and doors are set into it afterwards. */
export function house(view: View, it: House): string {
  const { light, season } = view;
  const depth = it.depth ?? 0;
  const { x, y, width, wall, roof, part } = it;
  const top = y - wall;
  const over = width * 0.05;
  const toSun = light.sunX > x + width / 2;
  const lit = light.paint(it.wallColour, depth, 1);
  const shaded = light.paint(mix(colour(it.wallColour), colour('#6f7890'), 0.1), depth, 0.45);
  const tiles = season.snowed(colour(it.roofColour), 0.92);
  const defs =
    horizontal(`wall-${part}`, [
      [0, toSun ? shaded : lit],
      [1, toSun ? lit : shaded],
    ]) +
    vertical(`roof-${part}`, [
      [0, light.paint(mix(tiles, colour('#ffffff'), 0.08), depth, 1)],
      [1, light.paint(mix(tiles, colour('#2a2430'), 0.16), depth, 0.75)],
    ]);
  const stack =
    it.chimney === undefined
      ? ''
      : chimney(view, x + width * it.chimney, top - roof * 0.62, width * 0.075, roof * 0.62, depth);
  const base = rectangle(x, y - wall * 0.06, width, wall * 0.06, light.paint('#7d7872', depth, 0.5));
  const eaves = light.paint('#262a3a', depth, 0);

  if (it.shape === 'gable') {
    const peak = x + width / 2;
    const rim = light.paint(season.snowed(mix(colour(it.roofColour), colour('#ffffff'), 0.75), 1), depth, 1);
    return group(
      defs +
        stack +
        polygon([x, y, x, top, peak, top - roof, x + width, top, x + width, y], `url(#wall-${part})`) +
        polygon(
          [
            x,
            top + 9,
            peak,
            top - roof + 11,
            x + width,
            top + 9,
            x + width,
            top + 22,
            peak,
            top - roof + 30,
            x,
            top + 22,
          ],
          eaves,
          opacity(0.2),
        ) +
        polygon(
          [
            x - over,
            top + over * 0.9,
            peak,
            top - roof - 9,
            x + width + over,
            top + over * 0.9,
            x + width + over,
            top + over * 0.9 + 9,
            peak,
            top - roof + 7,
            x - over,
            top + over * 0.9 + 9,
          ],
          `url(#roof-${part})`,
        ) +
        stroke(
          d`M${x - over} ${top + over * 0.9 + 10}L${peak} ${top - roof + 8}L${x + width + over} ${top + over * 0.9 + 10}`,
          rim,
          3,
        ) +
        base,
    );
  }
  const inset = width * 0.075;
  let rows = '';
  for (let i = 1; i < 9; i++) {
    const share = i / 9;
    rows += stroke(
      d`M${x - over + inset * (1 - share)} ${top - roof + roof * share}H${x + width + over - inset * (1 - share)}`,
      eaves,
      1,
    );
  }
  return group(
    defs +
      stack +
      rectangle(x, top, width, wall, `url(#wall-${part})`) +
      rectangle(x, top, width, wall * 0.11, eaves, opacity(0.26)) +
      polygon(
        [
          x - over,
          top + 4,
          x - over + inset,
          top - roof,
          x + width + over - inset,
          top - roof,
          x + width + over,
          top + 4,
        ],
        `url(#roof-${part})`,
      ) +
      group(rows, opacity(0.17 * (1 - view.weather.snowCover * 0.8))) +
      rectangle(x - over, top + 2, width + over * 2, 6, light.paint('#efece4', depth, 0.8)) +
      base,
  );
}

/** A chimney; in the cold months somebody is at home and it smokes. */
function chimney(view: View, x: number, y: number, width: number, height: number, depth: number): string {
  const brick = view.light.paint('#94604c', depth, 0.8);
  const all =
    rectangle(x, y - height, width, height + 30, brick) +
    rectangle(
      x - 3,
      y - height,
      width + 6,
      7,
      view.light.paint(view.season.snowed(colour('#7a4d3e'), 0.9), depth, 0.7),
    );
  if (view.season.cold < 0.4) return all;
  return smoke(view, x + width / 2, y - height, depth) + all;
}

/** Smoke that rises from x, y, grows, thins and leans with the wind. */
export function smoke(view: View, x: number, y: number, depth: number): string {
  const paint = hex(mix(view.light.ambient, view.light.sky.middle, 0.35 + depth * 0.3));
  const size = 1 - depth * 0.5;
  const lean = 0.25 + 1.1 * view.weather.wind;
  let all = '';
  for (let i = 0; i < 12; i++) {
    const age = (i + ((view.seconds / 2.2) % 1)) / 12;
    const wobble = Math.sin(view.seconds * 0.4 + i * 1.3 + x) * 9 * age;
    all += circle(
      x + (lean * 120 * age * age + wobble) * size,
      y - 118 * age * size,
      (6 + 26 * age) * size,
      paint,
      opacity(0.34 * (1 - age) ** 1.2),
    );
  }
  return all;
}

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
  const lamp = light.night * (awake && home ? 1 : 0);
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
