import { colour, mix, scale } from '../colour';
import { house } from '../houses';
import { hills, woods } from '../land';
import { window } from '../openings';
import { opacity, polygon, rectangle } from '../shapes';
import { conifer } from '../trees';
import type { View } from '../view';
import type { Palette } from './palette';

/** The other shore: trees and a cabin. */
export function shore(view: View, { walls, roofs }: Palette, horizon: number): string {
  const random = view.random('shore');
  let trees = '';
  for (let i = 0; i < 30; i++) {
    const x = random() * 1320 - 20;
    if (x > 800 && x < 985) continue;
    trees += conifer(
      view,
      `shore ${i}`,
      x,
      horizon + 3,
      42 + 58 * random() * (0.5 + Math.abs(x - 560) / 900),
      0.3 + 0.1 * random(),
    );
  }
  const cabin =
    house(view, {
      part: 'cabin',
      x: 838,
      y: horizon + 2,
      width: 112,
      wall: 38,
      roof: 46,
      wallColour: walls[2],
      roofColour: roofs[0],
      shape: 'slope',
      depth: 0.16,
      chimney: 0.7,
    }) +
    window(view, 'cabin 1', 853, horizon - 26, 16, 17, { depth: 0.16, late: true }) +
    window(view, 'cabin 2', 918, horizon - 26, 16, 17, { depth: 0.16 }) +
    rectangle(885, horizon - 28, 16, 29, view.light.paint('#6b4a34', 0.16, 0.8));
  return (
    woods(view, 'bank', -20, 1300, horizon + 2, 26, 0.34) +
    trees +
    cabin +
    rectangle(-20, horizon, 1320, 5, view.light.paint(view.season.snowed([150, 140, 112], 0.8), 0.3, 0.8))
  );
}

/** Two ranges of mountains and the wooded hills before them. */
export function mountains(view: View, horizon: number): string {
  return (
    range(view, 'back', horizon - 20, 265, 0.98, '#7f8fa6', 0.55) +
    range(view, 'front', horizon - 6, 175, 0.7, '#5f7a80', 0.2) +
    hills(view, 'forest', horizon + 4, 84, 0.5, '#42634f')
  );
}

/** A range of peaks whose sides turned to the sun are lit; snow lies above `snowLine` (share of the height that is bare). */
function range(view: View, part: string, y: number, height: number, depth: number, of: string, snow: number): string {
  const { light, season } = view;
  const random = view.random(part);
  const rock = season.snowed(colour(of), 0.6);
  const shade = light.paint(scale(rock, 0.8), depth, 0.25);
  const lit = light.paint(mix(rock, colour('#e9d9c0'), 0.22), depth, 1);
  const white = [light.paint('#f7f8fb', depth * 0.8, 1), light.paint('#b9c6dc', depth * 0.8, 0.5)] as const;
  const toSun = light.sunX > 640 ? 1 : -1;
  let all = '';
  for (let i = 0; i < 7; i++) {
    const x = -60 + i * 215 + random() * 110;
    const tall = height * (0.55 + 0.45 * random());
    const half = tall * (1.05 + 0.4 * random());
    const notch = tall * 0.06;
    all += polygon(
      [
        x - half,
        y + 30,
        x - half * 0.45,
        y - tall * 0.5 + notch,
        x - half * 0.2,
        y - tall * 0.84,
        x,
        y - tall,
        x + half * 0.16,
        y - tall * 0.87,
        x + half * 0.5,
        y - tall * 0.47,
        x + half,
        y + 30,
      ],
      shade,
    );
    all += polygon(
      [
        x,
        y - tall,
        x + half * 0.16 * toSun,
        y - tall * 0.87,
        x + half * 0.5 * toSun,
        y - tall * 0.47,
        x + half * toSun,
        y + 30,
        x + half * 0.24 * toSun,
        y + 30,
        x + half * 0.3 * toSun,
        y - tall * 0.3,
        x + half * 0.06 * toSun,
        y - tall * 0.55,
      ],
      lit,
      opacity(0.8),
    );
    if (snow > 0.4) {
      const lower = tall * 0.66;
      all += polygon(
        [
          x,
          y - tall,
          x + half * 0.16 * toSun,
          y - tall * 0.87,
          x + half * 0.3 * toSun,
          y - tall * 0.7,
          x + half * 0.16 * toSun,
          y - lower,
          x + half * 0.1 * toSun,
          y - tall * 0.76,
          x + half * 0.03 * toSun,
          y - lower * 0.96,
        ],
        white[0],
      );
      all += polygon(
        [
          x,
          y - tall,
          x - half * 0.2 * toSun,
          y - tall * 0.84,
          x - half * 0.26 * toSun,
          y - tall * 0.74,
          x - half * 0.16 * toSun,
          y - tall * 0.77,
          x - half * 0.08 * toSun,
          y - lower,
          x + half * 0.03 * toSun,
          y - lower * 0.96,
        ],
        white[1],
      );
    }
  }
  return all;
}
