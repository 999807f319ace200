import { colour, hex, mix, scale } from '../colour';
import { shadow } from '../land';
import { lantern, window } from '../openings';
import { bush, flowers } from '../plants';
import { circle, d, ellipse, opacity, polygon, rectangle, stroke } from '../shapes';
import type { View } from '../view';
import type { Palette } from './palette';

/** A wooden shed with a window, a door and pots. */
export function shed(view: View, it: Palette): string {
  const { light, season } = view;
  const [x, y, width, wall] = [850, 528, 210, 124];
  const wood = colour(it.shed);
  let boards = '';
  for (let i = 1; i < 15; i++) boards += d`M${x + (i * width) / 15} ${y - wall - 10}V${y}`;
  const roof = season.snowed(colour(it.roofs[0]), 0.95);
  return (
    shadow(view, x + width / 2, y, width, 130) +
    polygon(
      [x + width, y, x + width, y - wall, x + width + 58, y - wall - 20, x + width + 58, y - 17],
      light.paint(scale(wood, 0.72), 0, light.sunX > 900 ? 0.9 : 0.3),
    ) +
    polygon(
      [x, y, x, y - wall, x + width / 2, y - wall - 74, x + width, y - wall, x + width, y],
      light.paint(wood, 0, light.sunX > 900 ? 0.7 : 1),
    ) +
    stroke(boards, light.paint(scale(wood, 0.55), 0, 0.5), 1.2, opacity(0.55)) +
    polygon(
      [
        x + width / 2,
        y - wall - 84,
        x + width / 2 + 58,
        y - wall - 104,
        x + width + 74,
        y - wall - 12,
        x + width + 14,
        y - wall + 8,
      ],
      light.paint(roof, 0, 1),
    ) +
    polygon(
      [
        x + width / 2,
        y - wall - 84,
        x - 16,
        y - wall + 8,
        x - 4,
        y - wall + 14,
        x + width / 2,
        y - wall - 66,
        x + width + 4,
        y - wall + 14,
        x + width + 14,
        y - wall + 8,
      ],
      light.paint(mix(roof, colour('#ffffff'), 0.3), 0, 0.95),
    ) +
    window(view, 'shed', x + 24, y - 102, 54, 48, { late: true }) +
    rectangle(x + 112, y - 108, 66, 108, light.paint('#efe8d8', 0, 0.8)) +
    rectangle(x + 118, y - 102, 54, 102, light.paint(it.doors[1], 0, 0.9)) +
    stroke(
      d`M${x + 122} ${y - 52}H${x + 168}M${x + 124} ${y - 8}L${x + 166} ${y - 48}M${x + 124} ${y - 56}L${x + 166} ${y - 96}`,
      light.paint(scale(colour(it.doors[1]), 0.65), 0, 0.7),
      4,
    ) +
    lantern(view, x + 96, y - 112, 130) +
    pots(view, x, y)
  );
}

function pots(view: View, x: number, y: number): string {
  const clay = view.light.paint('#c2714a', 0, 0.9);
  const one = (px: number, size: number) =>
    polygon(
      [px - size * 0.5, y + 8 - size, px + size * 0.5, y + 8 - size, px + size * 0.36, y + 8, px - size * 0.36, y + 8],
      clay,
    );
  return (
    bush(view, 'pot 1', x + 20, y - 14, 16, 26, 0) +
    one(x + 28, 28) +
    bush(view, 'pot 2', x + 58, y - 8, 12, 20, 0, '#7d9a45') +
    one(x + 64, 22) +
    flowers(view, 'pots', x + 46, y - 8, 34, 26, ['#e65b6e', '#ffffff', '#f2b93f'])
  );
}

/** A string of bulbs from the tree to the shed. */
export function bulbs(view: View): string {
  const { light } = view;
  const at = (share: number) =>
    [
      420 + 460 * share,
      300 +
        52 * share +
        74 * 4 * share * (1 - share) * 0.9 +
        Math.sin(view.seconds * 0.9 + share * 3) * 2 * view.weather.wind,
    ] as const;
  let wire = 'M420 300';
  let all = '';
  for (let i = 1; i <= 14; i++) {
    const [x, y] = at(i / 14);
    wire += d`L${x} ${y}`;
    if (i === 14) continue;
    all +=
      (light.night > 0.05 ? circle(x, y + 9, 46, 'url(#lamplight)', opacity(light.night * 0.75)) : '') +
      circle(x, y + 8, 4.6, hex(mix(colour(light.paint('#e9e1c8', 0, 1)), colour('#fff1c0'), light.night)));
  }
  return (
    stroke(wire, light.paint('#30343a', 0, 0.5), 1.6) +
    all +
    (light.night > 0.05 ? ellipse(650, 590, 380, 90, 'url(#lamplight)', opacity(light.night * 0.8)) : '')
  );
}
