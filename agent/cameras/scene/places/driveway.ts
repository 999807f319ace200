import { colour, hex, mix, scale } from '../colour';
import { falling } from '../falling';
import { hills, meadow, shadow, woods } from '../land';
import { lantern } from '../openings';
import { bush, flowers, tufts } from '../plants';
import { circle, d, ellipse, group, opacity, path, polygon, rectangle, stroke, vertical } from '../shapes';
import { sky } from '../sky';
import { conifer, tree } from '../trees';
import type { View } from '../view';
import { across, birds, cat, visit, walker } from '../visitors';
import { buildings } from './driveway-house';
import type { Palette } from './palette';

/** Pixels from the top to the horizon. */
export const horizon = 410;

/** A garage at the end of a paved drive, the house beside it; the car is away in working hours. */
export function driveway(view: View, palette: Palette): string {
  const flying = visit(view, 'birds', 85, 32, 0.6);
  return (
    sky(view, horizon) +
    hills(view, 'far', 400, 150, 0.9, '#768fa0') +
    hills(view, 'near', 424, 80, 0.6, '#668a5c') +
    woods(view, 'back', -20, 1300, 446, 84, 0.4) +
    (flying === null ? '' : birds(view, 140, flying)) +
    tree(view, 'behind', 1010, 480, 360, 0.2) +
    conifer(view, 'left', 44, 486, 330, 0.14) +
    conifer(view, 'left 2', 118, 486, 240, 0.16) +
    meadow(view, 'front', 470, 0.14) +
    buildings(view, palette) +
    drive(view) +
    lights(view) +
    parked(view, palette) +
    borders(view) +
    passing(view) +
    falling(view, horizon)
  );
}

function drive(view: View): string {
  const { light, season, weather } = view;
  const paving = mix(season.snowed([192, 176, 158], 0.7), [92, 92, 104], weather.rain * 0.5);
  let joints = '';
  for (let i = 1; i < 11; i++) {
    const share = (i / 11) ** 1.9;
    joints += d`M${588 - 260 * share} ${500 + 240 * share}H${894 + 120 * share}`;
  }
  for (let i = 1; i < 8; i++) joints += d`M${588 + (306 * i) / 8} 500L${328 + (686 * i) / 8} 740`;
  return (
    vertical('drive', [
      [0, light.paint(scale(paving, 0.92), 0.05, 0.8)],
      [0.3, light.paint(paving, 0, 1)],
      [1, light.paint(scale(paving, 0.72), 0, 0.75)],
    ]) +
    polygon([576, 500, 906, 500, 1034, 740, 300, 740], light.paint(scale(paving, 0.55), 0, 0.6)) +
    polygon([588, 500, 894, 500, 1014, 740, 328, 740], 'url(#drive)') +
    stroke(joints, light.paint(scale(paving, 0.45), 0, 0.5), 1.6, opacity(0.4)) +
    polygon([410, 500, 466, 500, 520, 566, 548, 566, 530, 590, 470, 590], light.paint(scale(paving, 0.86), 0, 0.9)) +
    (weather.rain > 0.1
      ? ellipse(620, 660, 170, 14, hex(light.sky.horizon), opacity(0.3 * weather.rain)) +
        ellipse(800, 600, 110, 9, hex(light.sky.horizon), opacity(0.3 * weather.rain))
      : '')
  );
}

function lights(view: View): string {
  const on = view.light.night;
  return (
    (on > 0.05
      ? ellipse(740, 560, 360, 90, 'url(#lamplight)', opacity(0.6 * on)) +
        path('M560 440L430 640H700Z', 'url(#cone)', opacity(0.6 * on)) +
        path('M922 440L800 640H1050Z', 'url(#cone)', opacity(0.6 * on))
      : '') +
    lantern(view, 560, 424, 130) +
    lantern(view, 922, 424, 130) +
    lantern(view, 488, 428, 80)
  );
}

/** The family's car from behind. */
function parked(view: View, { car }: Palette): string {
  const working = view.time.getDay() % 6 !== 0 && view.hour > 8.1 && view.hour < 17.2;
  if (working) return '';
  const { light, season } = view;
  const of = season.snowed(colour(car), 0.35);
  const paint = light.paint(of, 0, 1);
  const low = light.paint(scale(of, 0.62), 0, 0.6);
  const tyre = light.paint('#1c1e23', 0, 0.5);
  return group(
    ellipse(0, 4, 150, 17, 'url(#shadow)') +
      ellipse(0, 4, 120, 12, 'url(#shadow)') +
      rectangle(-104, -30, 34, 34, tyre, 'rx="6"') +
      rectangle(70, -30, 34, 34, tyre, 'rx="6"') +
      path(
        'M-108 -18Q-116 -62 -104 -82Q-96 -92 -84 -94Q-72 -142 -58 -148Q0 -156 58 -148Q72 -142 84 -94Q96 -92 104 -82Q116 -62 108 -18Q100 -8 0 -8Q-100 -8 -108 -18Z',
        paint,
      ) +
      path(
        'M-72 -98Q-64 -136 -52 -139Q0 -146 52 -139Q64 -136 72 -98Q0 -92 -72 -98Z',
        light.paint(mix(colour('#28343f'), light.sky.middle, 0.4), 0, 0.9),
      ) +
      polygon([-44, -96, -22, -140, 4, -142, -14, -95], '#ffffff', opacity(0.13)) +
      path('M-110 -40Q0 -32 110 -40Q112 -22 108 -18Q100 -8 0 -8Q-100 -8 -108 -18Q-112 -24 -110 -40Z', low) +
      path('M-104 -80L-66 -76Q-64 -58 -70 -54L-108 -54Q-110 -72 -104 -80Z', light.paint('#b3322c', 0, 1)) +
      path('M104 -80L66 -76Q64 -58 70 -54L108 -54Q110 -72 104 -80Z', light.paint('#b3322c', 0, 1)) +
      rectangle(-30, -62, 60, 18, light.paint('#f1efe6', 0, 0.95), 'rx="2"') +
      stroke('M-84 -93Q0 -86 84 -93', '#ffffff', 1.6, opacity(0.4)),
    'transform="translate(790 590)"',
  );
}

function borders(view: View): string {
  return (
    bush(view, 'house', 190, 514, 190, 34, 0.02) +
    flowers(view, 'house', 286, 520, 104, 44, ['#e8657c', '#ffffff', '#f3c64b']) +
    bush(view, 'right', 984, 520, 300, 62, 0.02) +
    shadow(view, 1160, 640, 80, 120) +
    tree(view, 'young', 1160, 644, 300, 0, true) +
    flowers(view, 'right', 1110, 664, 150, 40, ['#ffffff', '#b566c8', '#f3c64b']) +
    bush(view, 'near', -20, 744, 230, 74, 0) +
    flowers(view, 'near', 110, 726, 150, 60, ['#f4efe6', '#dc5b78', '#f2b93f']) +
    bin(view) +
    tufts(view, 'left edge', 300, 742, 120, 40, 24, 0.7) +
    tufts(view, 'right edge', 1130, 744, 150, 60, 28, 0.7)
  );
}

function bin(view: View): string {
  const { light, season } = view;
  return (
    ellipse(985, 545, 34, 6, 'url(#shadow)') +
    polygon([964, 484, 1006, 484, 1001, 543, 969, 543], light.paint('#4d6b58', 0, 0.8)) +
    polygon([960, 476, 1010, 476, 1008, 486, 962, 486], light.paint(season.snowed([92, 122, 104], 0.9), 0, 1)) +
    circle(972, 543, 6, light.paint('#1d1f24', 0, 0.6)) +
    stroke('M976 494L979 534M988 494V534M998 494L995 534', light.paint('#3a5344', 0, 0.6), 1.5)
  );
}

function passing(view: View): string {
  const strolling = visit(view, 'cat', 66, 60, 0.75);
  const calling = visit(view, 'walker', 58, 40, 0.6);
  return (
    (calling === null ? '' : walker(view, across(calling), 648, 1.5, calling)) +
    (strolling === null ? '' : cat(view, across(strolling), 690, 1.2, strolling))
  );
}
