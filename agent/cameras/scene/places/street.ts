import { hex, mix, scale } from '../colour';
import { falling } from '../falling';
import { fence, hills, meadow, shadow, woods } from '../land';
import { bush, flowers, tufts } from '../plants';
import { circle, d, ellipse, group, opacity, path, polygon, rectangle, stroke, vertical } from '../shapes';
import { sky } from '../sky';
import { tree } from '../trees';
import { car, cyclist } from '../vehicles';
import type { View } from '../view';
import { across, birds, cat, visit, walker } from '../visitors';
import type { Palette } from './palette';
import { houses } from './street-houses';

/** Pixels from the top to the horizon. */
export const horizon = 400;

/** A quiet street: three houses behind a fence with a gate, a lamp, a road on which people pass. */
export function street(view: View, palette: Palette): string {
  const flying = visit(view, 'birds', 95, 34, 0.6);
  return (
    sky(view, horizon) +
    hills(view, 'far', 392, 105, 0.85, '#6f8f7d') +
    hills(view, 'near', 410, 62, 0.6, '#5f8552') +
    tower(view, 372, 392) +
    woods(view, 'back', -20, 1300, 430, 62, 0.45) +
    meadow(view, 'back', 444, 0.4) +
    (flying === null ? '' : birds(view, 150, flying)) +
    houses(view, palette) +
    gardens(view) +
    pavement(view) +
    passing(view, palette) +
    falling(view, horizon)
  );
}

function tower(view: View, x: number, y: number): string {
  const stone = view.light.paint('#b8aa98', 0.62, 0.9);
  return (
    rectangle(x - 13, y - 122, 26, 130, stone) +
    polygon([x - 16, y - 122, x, y - 205, x + 16, y - 122], view.light.paint('#5d6b75', 0.62, 0.8)) +
    rectangle(x - 4, y - 104, 8, 16, view.light.paint('#4a4d55', 0.6, 0.4))
  );
}

function gardens(view: View): string {
  const { light, season } = view;
  const green = season.snowed(season.grass, 0.95);
  return (
    vertical('lawn', [
      [0, light.paint(scale(green, 0.8), 0.05, 0.6)],
      [1, light.paint(green, 0, 1)],
    ]) +
    rectangle(-20, 514, 1320, 60, 'url(#lawn)') +
    shadow(view, 175, 524, 300, 150) +
    shadow(view, 632, 524, 410, 150) +
    shadow(view, 1030, 524, 260, 170) +
    polygon([610, 518, 660, 518, 690, 580, 580, 580], light.paint(season.snowed([196, 184, 164], 0.6), 0, 0.9)) +
    bush(view, 'hedge left', 336, 536, 62, 44, 0.03) +
    bush(view, 'bed left', 450, 536, 110, 26, 0) +
    bush(view, 'bed right', 716, 536, 100, 28, 0) +
    flowers(view, 'bed', 500, 540, 64, 34, ['#e8657c', '#f3c64b', '#ffffff', '#b566c8']) +
    flowers(view, 'bed right', 766, 540, 56, 30, ['#f08a4b', '#f3e24b', '#ffffff']) +
    shadow(view, 1200, 566, 90, 200) +
    tree(view, 'front', 1206, 572, 350, 0, true) +
    fence(view, -16, 576, 590, 46) +
    fence(view, 700, 576, 600, 46) +
    gate(view)
  );
}

function gate(view: View): string {
  const post = view.light.paint(view.season.snowed([236, 230, 216], 0.4), 0, 1);
  return group(
    fence(view, 588, 574, 96, 40) +
      rectangle(572, 522, 13, 56, post) +
      rectangle(691, 522, 13, 56, post) +
      circle(578.5, 520, 8, post) +
      circle(697.5, 520, 8, post),
  );
}

function pavement(view: View): string {
  const { light, season, weather } = view;
  const wet = Math.max(weather.rain, 0);
  const asphalt = mix([112, 112, 118], [70, 76, 90], wet * 0.7);
  const stone = season.snowed([186, 180, 170], 0.7);
  let joints = '';
  for (let i = 0; i < 24; i++) joints += d`M${640 + (i - 12) * 62} 577L${640 + (i - 12) * 66} 601`;
  return (
    vertical('road', [
      [0, light.paint(season.snowed(asphalt, 0.35), 0.06, 0.9)],
      [0.6, light.paint(season.snowed(scale(asphalt, 0.9), 0.3), 0, 0.8)],
      [1, light.paint(scale(asphalt, 0.66), 0, 0.6)],
    ]) +
    rectangle(-20, 576, 1320, 28, light.paint(stone, 0.03, 1)) +
    stroke(joints, light.paint('#5a564f', 0, 0.6), 1, opacity(0.35)) +
    rectangle(-20, 603, 1320, 7, light.paint(scale(stone, 0.78), 0, 0.7)) +
    rectangle(-20, 610, 1320, 120, 'url(#road)') +
    rectangle(-20, 610, 1320, 7, '#0d1020', opacity(0.25)) +
    stroke(
      'M-20 664H1300',
      light.paint('#e9e4d6', 0, 1),
      3,
      `stroke-dasharray="54 46" ${opacity(0.65 * (1 - 0.7 * weather.snowCover))}`,
    ) +
    reflections(view, wet) +
    lampPost(view, 846, 604)
  );
}

/** What a wet road mirrors: the sky's light, and the lamps. */
function reflections({ light }: View, wet: number): string {
  if (wet < 0.1) return '';
  const paint = hex(light.sky.horizon);
  return (
    [120, 430, 660, 930, 1180]
      .map((x, i) => ellipse(x, 640 + (i % 3) * 22, 130, 7, paint, opacity(0.28 * wet)))
      .join('') +
    [110, 634, 846].map((x) => ellipse(x, 650, 26, 60, 'url(#lamplight)', opacity(light.night * 0.75 * wet))).join('')
  );
}

function lampPost(view: View, x: number, y: number): string {
  const { light } = view;
  const iron = light.paint('#2f3a3c', 0, 0.8);
  const on = light.night;
  return (
    (on > 0.05
      ? circle(x, y - 262, 230, 'url(#lamplight)', opacity(0.9 * on)) +
        ellipse(x, y + 22, 330, 58, 'url(#lamplight)', opacity(0.8 * on)) +
        path(d`M${x - 20} ${y - 250}L${x - 210} ${y + 20}H${x + 210}L${x + 20} ${y - 250}Z`, 'url(#cone)', opacity(on))
      : '') +
    ellipse(x, y, 20, 5, 'url(#shadow)') +
    rectangle(x - 3, y - 238, 6, 238, iron) +
    rectangle(x - 7, y - 34, 14, 34, iron) +
    polygon(
      [x - 15, y - 270, x + 15, y - 270, x + 9, y - 238, x - 9, y - 238],
      hex(mix(view.light.ambient, [255, 240, 200], 0.3 + 0.7 * on)),
    ) +
    polygon([x - 20, y - 270, x, y - 290, x + 20, y - 270], iron) +
    rectangle(x - 11, y - 240, 22, 4, iron)
  );
}

function passing(view: View, palette: Palette): string {
  const on = visit(view, 'walker', 52, 46, 0.85);
  const cycling = visit(view, 'cyclist', 47, 19, 0.5);
  const driving = visit(view, 'car', 39, 17, 0.6);
  const strolling = visit(view, 'cat', 140, 90, 0.4);
  const random = view.random('parked');
  const parked = view.hour < 8.2 || view.hour > 17 || random() < 0.4;
  return (
    (strolling === null ? '' : cat(view, across(strolling), 596, 0.62, strolling)) +
    (on === null ? '' : walker(view, across(on), 600, 0.98, on)) +
    (parked ? car(view, 250, 638, 0.92, 1, palette.car, false) : '') +
    (cycling === null ? '' : cyclist(view, across(cycling), 655, 1.05, cycling)) +
    (driving === null
      ? ''
      : car(
          view,
          across(driving, 460),
          700,
          1.22,
          driving.forward,
          ['#b33a32', '#e4e2dc', '#33506e', '#d8a23a'][Math.floor(driving.random() * 4)] ?? '#b33a32',
          true,
        )) +
    tufts(view, 'kerb', 640, 735, 660, 90, 26, 0.5)
  );
}
