import { colour, hex, mix } from './colour';
import { circle, d, group, horizontal, opacity, polygon, rectangle, stroke, vertical } from './shapes';
import type { View } from './view';

/** What one house looks like and where it stands. */
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
