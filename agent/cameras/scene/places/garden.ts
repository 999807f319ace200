import { chance } from '../chance';
import { colour } from '../colour';
import { falling } from '../falling';
import { fence, hills, meadow, shadow, woods } from '../land';
import { bush, flowers, tufts } from '../plants';
import { circle, d, ellipse, group, opacity, path, polygon, rectangle, round, stroke } from '../shapes';
import { sky } from '../sky';
import { conifer, tree } from '../trees';
import type { View } from '../view';
import { across, birds, cat, visit } from '../visitors';
import { bulbs, shed } from './garden-shed';
import type { Palette } from './palette';

/** Pixels from the top to the horizon. */
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
