import { chance } from '../chance';
import { colour, hex, mix, scale } from '../colour';
import { falling } from '../falling';
import { lantern, window } from '../houses';
import { fence, flowers, hills, meadow, shadow, tufts, woods } from '../land';
import { circle, d, ellipse, group, opacity, path, polygon, rectangle, round, stroke } from '../shapes';
import { sky } from '../sky';
import { bush, conifer, tree } from '../trees';
import type { View } from '../view';
import { across, birds, cat, visit } from '../visitors';
import type { Palette } from './palette';

export const horizon = 380;

/** A garden in the country: a lawn with an old tree and a swing, a shed, a string of bulbs, hills behind the fence. */
export function garden(view: View, palette: Palette): string {
  const flying = visit(view, 'birds', 70, 30, 0.75);
  return (
    sky(view, horizon) +
    hills(view, 'far', 372, 170, 1, '#7490a0') +
    hills(view, 'middle', 398, 118, 0.72, '#6d9468') +
    fields(view) +
    hills(view, 'near', 436, 70, 0.42, '#77a052') +
    village(view, palette) +
    woods(view, 'edge', 690, 1300, 438, 54, 0.34) +
    woods(view, 'edge left', -20, 250, 442, 62, 0.3) +
    (flying === null ? '' : birds(view, 170, flying)) +
    lawn(view) +
    shed(view, palette) +
    oldTree(view) +
    bulbs(view) +
    borders(view) +
    passing(view) +
    falling(view, horizon)
  );
}

function fields(view: View): string {
  const { light, season } = view;
  const strip = (points: number[], of: string) =>
    polygon(points, light.paint(season.snowed(colour(of), 0.9), 0.55, 0.95), opacity(0.55));
  return (
    strip([330, 376, 470, 352, 560, 372, 400, 402], '#c9b65e') +
    strip([600, 366, 720, 352, 800, 384, 650, 398], '#8fb04f') +
    strip([880, 360, 1010, 366, 960, 396, 840, 392], '#b98f52')
  );
}

/** Roofs and a steeple far away, with a few lights in the evening. */
function village(view: View, { walls, roofs }: Palette): string {
  const { light, season } = view;
  const random = view.random('village');
  let all =
    rectangle(566, 352, 13, 50, light.paint('#e6dcc8', 0.45, 1)) +
    polygon([563, 352, 572.5, 314, 582, 352], light.paint('#6a5a5a', 0.45, 0.9));
  for (let i = 0; i < 8; i++) {
    const x = 500 + i * 21 + random() * 8;
    const y = 404 + random() * 8;
    const wide = 20 + random() * 8;
    all +=
      rectangle(x, y - 13, wide, 15, light.paint(walls[i % 3] ?? walls[0], 0.4, 0.95)) +
      polygon(
        [x - 2, y - 12, x + wide * 0.3, y - 24, x + wide * 0.75, y - 24, x + wide + 2, y - 12],
        light.paint(season.snowed(colour(roofs[i % 3] ?? roofs[0]), 0.9), 0.4, 0.9),
      );
    if (random() < 0.75)
      all +=
        rectangle(x + wide * 0.4, y - 9, 4, 5, '#ffd37e', opacity(light.night)) +
        circle(x + wide * 0.4 + 2, y - 6, 13, 'url(#lamplight)', opacity(light.night * 0.7));
  }
  return all;
}

function lawn(view: View): string {
  const { light, weather } = view;
  let stripes = '';
  for (let i = -9; i < 10; i += 2)
    stripes += d`M${640 + i * 62} 446L${640 + (i + 1) * 62} 446L${640 + (i + 1) * 215} 740L${640 + i * 215} 740Z`;
  let stones = '';
  for (let i = 0; i < 9; i++) {
    const share = (i / 8) ** 1.6;
    const x = 905 - 270 * share + Math.sin(i * 1.2) * 18;
    const y = 528 + 190 * share;
    const size = 17 + 36 * share;
    stones +=
      ellipse(x + 1, y + size * 0.1, size, size * 0.31, '#10160e', opacity(0.3)) +
      ellipse(x, y, size, size * 0.3, light.paint(view.season.snowed([190, 182, 166], 0.75), 0, 0.95));
  }
  return (
    fence(view, -16, 462, 1310, 40, 0.16, '#d8d0bf') +
    meadow(view, 'lawn', 448, 0.2) +
    path(stripes, light.paint('#f1f3a0', 0, 1), opacity(0.1 * (1 - weather.snowCover))) +
    bush(view, 'back left', 20, 470, 140, 44, 0.12) +
    bush(view, 'back middle', 470, 466, 70, 28, 0.14, '#6b8b4a') +
    bush(view, 'back right', 1150, 492, 120, 62, 0.06) +
    conifer(view, 'corner', 1222, 486, 240, 0.1) +
    stones
  );
}

function shed(view: View, { doors, roofs, shutters }: Palette): string {
  const { light, season } = view;
  const [x, y, width, wall] = [850, 528, 210, 124];
  const wood = colour(shutters[1] === '#f2efe6' ? '#7f9aa0' : shutters[1]);
  let boards = '';
  for (let i = 1; i < 15; i++) boards += d`M${x + (i * width) / 15} ${y - wall - 10}V${y}`;
  const roof = season.snowed(colour(roofs[0]), 0.95);
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
    rectangle(x + 118, y - 102, 54, 102, light.paint(doors[1], 0, 0.9)) +
    stroke(
      d`M${x + 122} ${y - 52}H${x + 168}M${x + 124} ${y - 8}L${x + 166} ${y - 48}M${x + 124} ${y - 56}L${x + 166} ${y - 96}`,
      light.paint(scale(colour(doors[1]), 0.65), 0, 0.7),
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

function oldTree(view: View): string {
  const { light } = view;
  const swing = Math.sin(view.seconds * 1.2) * (4 + 15 * view.weather.wind);
  const rope = light.paint('#cdbf9f', 0, 0.8);
  return (
    shadow(view, 262, 548, 260, 330) +
    stroke(d`M356 330L${372 + swing} 506M396 330L${412 + swing} 506`, rope, 2.2) +
    polygon([362 + swing, 504, 422 + swing, 504, 426 + swing, 512, 366 + swing, 512], light.paint('#8a5a38', 0, 0.9)) +
    ellipse(394, 553, 34, 5, 'url(#shadow)', opacity(0.6)) +
    tree(view, 'old', 262, 552, 470, 0, true) +
    tufts(view, 'roots', 262, 558, 60, 34, 20)
  );
}

/** A string of bulbs from the tree to the shed. */
function bulbs(view: View): string {
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

function borders(view: View): string {
  return group(
    bush(view, 'near left', -20, 742, 250, 92, 0) +
      flowers(view, 'left', 120, 712, 170, 80, ['#f2e9f5', '#e2638a', '#8c6bd0', '#f4c542']) +
      bush(view, 'near right', 1010, 748, 290, 84, 0, '#5d8545') +
      flowers(view, 'right', 1150, 720, 150, 80, ['#f7f2e2', '#f08a4b', '#d8455b']) +
      tufts(view, 'near', 640, 742, 420, 110, 30, 0.7),
  );
}

function passing(view: View): string {
  const strolling = visit(view, 'cat', 74, 68, 0.8);
  const random = chance(`${view.name}/blackbird ${Math.floor(view.seconds / 9)}`);
  const x = 500 + 260 * random();
  const y = 570 + 80 * random();
  const side = random() < 0.5 ? 1 : -1;
  const feathers = view.light.paint('#24252b', 0, 0.7);
  const blackbird = group(
    ellipse(0, 0, 16, 3, 'url(#shadow)') +
      path('M-24 -7Q-8 -17 6 -18Q10 -25 16 -23Q21 -20 17 -14Q12 -4 -2 -4Q-12 -4 -24 -7Z', feathers) +
      polygon([19, -21, 28, -18, 19, -17], view.light.paint('#eaa02f', 0, 1)) +
      stroke('M-1 -5V0M4 -5V0', feathers, 1.6),
    `transform="translate(${round(x)} ${round(y)}) scale(${side} 1)"`,
  );
  return (
    (view.light.night < 0.4 ? blackbird : '') +
    (strolling === null ? '' : cat(view, across(strolling), 632, 1.15, strolling))
  );
}
