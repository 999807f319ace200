import { mix } from '../colour';
import { house } from '../houses';
import { door, lantern, window } from '../openings';
import { ellipse, opacity, polygon, rectangle } from '../shapes';
import { tree } from '../trees';
import type { View } from '../view';
import type { Palette } from './palette';

/** Three houses in a row, and the trees between them. */
export function houses(view: View, { walls, roofs, doors, shutters }: Palette): string {
  const y = 522;
  const left = house(view, {
    part: 'left',
    x: 30,
    y,
    width: 290,
    wall: 205,
    roof: 150,
    wallColour: walls[0],
    roofColour: roofs[0],
    shape: 'gable',
    chimney: 0.72,
  });
  const middle = house(view, {
    part: 'middle',
    x: 432,
    y,
    width: 400,
    wall: 192,
    roof: 118,
    wallColour: walls[1],
    roofColour: roofs[1],
    shape: 'slope',
    chimney: 0.16,
  });
  const right = house(view, {
    part: 'right',
    x: 902,
    y,
    width: 250,
    wall: 236,
    roof: 140,
    wallColour: walls[2],
    roofColour: roofs[2],
    shape: 'gable',
    chimney: 0.24,
  });
  return (
    tree(view, 'behind', 372, 520, 270, 0.22) +
    tree(view, 'behind right', 868, 522, 250, 0.26) +
    left +
    window(view, 'left attic', 152, 236, 46, 58) +
    window(view, 'left 1', 74, 340, 58, 72, { shutters: shutters[0] }) +
    window(view, 'left 2', 216, 340, 58, 72, { shutters: shutters[0] }) +
    window(view, 'left 3', 74, 442, 74, 54, { late: true }) +
    door(view, 216, 428, 50, 90, doors[0]) +
    middle +
    dormer(view, 560, 300, walls[1], roofs[1]) +
    dormer(view, 706, 300, walls[1], roofs[1]) +
    window(view, 'middle 1', 472, 368, 62, 74, { shutters: shutters[1] }) +
    window(view, 'middle 2', 728, 368, 62, 74, { shutters: shutters[1], late: true }) +
    porch(view, doors[1]) +
    right +
    window(view, 'right attic', 1006, 222, 42, 54) +
    window(view, 'right 1', 936, 318, 50, 70) +
    window(view, 'right 2', 1068, 318, 50, 70) +
    window(view, 'right 3', 1068, 428, 50, 62) +
    door(view, 940, 424, 48, 94, doors[2]) +
    ivy(view)
  );
}

function dormer(view: View, x: number, y: number, wall: string, roof: string): string {
  return (
    rectangle(x - 30, y - 50, 60, 50, view.light.paint(wall, 0, 0.8)) +
    window(view, `dormer ${x}`, x - 17, y - 40, 34, 34) +
    polygon(
      [x - 40, y - 46, x, y - 78, x + 40, y - 46],
      view.light.paint(view.season.snowed([150, 90, 70], 0.9), 0, 0.9),
    ) +
    polygon([x - 33, y - 46, x, y - 72, x + 33, y - 46], view.light.paint(roof, 0, 0.6), opacity(0.25))
  );
}

/** The front door in the middle, under a small roof with a lantern. */
function porch(view: View, of: string): string {
  const { light, season } = view;
  return (
    door(view, 606, 420, 56, 96, of) +
    rectangle(574, 404, 8, 116, light.paint('#f1ece0', 0, 0.9)) +
    rectangle(686, 404, 8, 116, light.paint('#f1ece0', 0, 0.9)) +
    polygon([560, 404, 634, 366, 708, 404], light.paint(season.snowed([118, 84, 72], 0.95), 0, 0.95)) +
    rectangle(560, 402, 148, 7, light.paint('#f1ece0', 0, 0.8)) +
    rectangle(574, 409, 120, 14, '#141826', opacity(0.25)) +
    lantern(view, 680, 440, 120)
  );
}

function ivy(view: View): string {
  const random = view.random('ivy');
  let all = '';
  for (let i = 0; i < 85; i++) {
    const up = random();
    const leaf = view.season.leaf[i % 3] ?? view.season.leaf[0];
    all += ellipse(
      1152 - random() ** 1.6 * 62 * (1.15 - up),
      522 - up * 235,
      8 + 5 * random(),
      6 + 4 * random(),
      view.light.paint(mix(leaf, [62, 100, 60], 0.45), 0, 0.4 + 0.6 * random()),
    );
  }
  return all;
}
