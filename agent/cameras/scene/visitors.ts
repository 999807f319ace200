import { chance, pick } from './chance';
import { colour, mix } from './colour';
import { circle, d, ellipse, group, opacity, path, polygon, round, stroke } from './shapes';
import type { View } from './view';

/** Somebody who passes: `share` 0 to 1 is how far they are on their way, `forward` the direction (1: to the right). */
export interface Visit {
  share: number;
  forward: 1 | -1;
  random(): number;
}

/**
 * Who passes right now: every `period` seconds somebody may set out, and takes `duration` seconds. At night few do.
 * Null if nobody is there.
 */
export function visit(view: View, kind: string, period: number, duration: number, likely: number): Visit | null {
  const offset = chance(`${view.name}/${kind}`)() * period;
  const turn = Math.floor((view.seconds + offset) / period);
  const random = chance(`${view.name}/${kind}/${turn}`);
  if (random() > likely * (1 - 0.6 * view.light.night) * (1 - 0.4 * view.weather.rain)) return null;
  const share = (((view.seconds + offset) / period - turn) * period) / duration;
  return share > 1 ? null : { share, forward: random() < 0.5 ? 1 : -1, random };
}

/** The x of a visit that crosses the picture. */
export function across({ share, forward }: Visit, margin = 90): number {
  const way = -margin + (1280 + 2 * margin) * share;
  return forward === 1 ? way : 1280 - way;
}

/** A shape drawn around 0, 0 and to the right, put on x, y. */
export function placed(content: string, x: number, y: number, size: number, forward: number): string {
  return group(
    content,
    `transform="translate(${round(x)} ${round(y)}) scale(${round(size * forward * 100) / 100} ${round(size * 100) / 100})"`,
  );
}

/** What people wear. */
export const coats = ['#b5443a', '#2f5d86', '#d39a35', '#4b6b4a', '#70456b', '#3c4354'] as const;

/** A walker of 100 units of height whose feet stand on x, y; perhaps with a dog, in rain with an umbrella. */
export function walker(view: View, x: number, y: number, size: number, { forward, random }: Visit): string {
  const { light, weather } = view;
  const coat = pick(random, coats);
  const stride = Math.sin(view.seconds * 4.2) * 13;
  const leg = light.paint('#2f3340', 0, 0.6);
  const skin = light.paint('#d9a883', 0, 0.9);
  const dog = random() < 0.55;
  const body =
    stroke(d`M0 -46L${stride} -2`, leg, 8) +
    stroke(d`M0 -46L${-stride} -2`, leg, 8) +
    path('M-13 -36Q-15 -74 -7 -80Q0 -84 7 -80Q14 -72 13 -36Q0 -31 -13 -36Z', light.paint(coat, 0, 0.9)) +
    path('M-13 -36Q-15 -74 -7 -80Q-2 -60 -4 -34Z', light.paint(mix(colour(coat), colour('#10131f'), 0.4), 0, 0.5)) +
    stroke(
      d`M1 -73Q5 -58 ${6 + stride * 0.45} -46`,
      light.paint(mix(colour(coat), colour('#10131f'), 0.18), 0, 0.8),
      7,
    ) +
    circle(1, -91, 8.6, skin) +
    path(
      'M-8 -90Q-9 -101 1 -101Q9 -101 9 -93Q2 -97 -3 -93Q-4 -88 -8 -90Z',
      light.paint(pick(random, ['#3a2a20', '#6b4a2c', '#b9a58a']), 0, 0.9),
    );
  const umbrella =
    weather.rain > 0.15
      ? path(
          'M-34 -102Q0 -146 40 -102Q22 -108 3 -102Q-14 -108 -34 -102Z',
          light.paint(pick(random, ['#a8343a', '#274b7a', '#e0b040']), 0, 1),
        ) + stroke('M3 -104L6 -60', leg, 2)
      : '';
  const lead = dog
    ? stroke(d`M${8 + stride * 0.4} -46Q30 -22 48 -27`, leg, 1.4) + group(dogShape(view), 'transform="translate(62 0)"')
    : '';
  return (
    ellipse(x, y, 30 * size, 6 * size, 'url(#shadow)', opacity(0.8)) +
    placed(body + umbrella + lead, x, y, size, forward)
  );
}

function dogShape({ light, seconds }: View): string {
  const fur = light.paint('#a06a3c', 0, 0.85);
  const trot = Math.sin(seconds * 7) * 5;
  return (
    ellipse(0, 0, 22, 4, 'url(#shadow)', opacity(0.8)) +
    [-13, -9, 9, 13].map((at, i) => stroke(d`M${at} -13L${at + (i % 2 === 0 ? trot : -trot)} -1`, fur, 4)).join('') +
    path(
      'M-17 -22Q-4 -27 13 -24Q17 -33 25 -33Q30 -31 33 -27Q30 -22 22 -22Q18 -12 10 -12L-12 -12Q-19 -14 -17 -22Z',
      fur,
    ) +
    path('M19 -33L16 -24L24 -28Z', light.paint('#6d4526', 0, 0.7)) +
    stroke(d`M-16 -21Q-24 -26 ${-24 + trot * 0.3} -35`, fur, 4)
  );
}

/** A cat on x, y; it walks, and sits down in the middle of its way. */
export function cat(view: View, x: number, y: number, size: number, { forward, share, random }: Visit): string {
  const { light, seconds } = view;
  const fur = light.paint(pick(random, ['#2b2a2e', '#b9763a', '#77716b', '#e8e2d6']), 0, 0.85);
  const sits = share > 0.42 && share < 0.66;
  const step = Math.sin(seconds * 5) * 6;
  const tail = Math.sin(seconds * 1.7) * 7;
  const shape = sits
    ? path('M-13 0Q-19 -22 -4 -34Q2 -38 8 -34Q15 -20 13 0Z', fur) +
      circle(5, -40, 10, fur) +
      polygon([-4, -44, -2, -56, 5, -48], fur) +
      polygon([7, -48, 13, -55, 14, -42], fur) +
      stroke(d`M-12 -4Q-28 -2 ${-27 + tail} -16`, fur, 5)
    : [-16, -11, 12, 17]
        .map((at, i) => stroke(d`M${at} -16L${at + (i % 2 === 0 ? step : -step)} -1`, fur, 4.6))
        .join('') +
      path('M-21 -25Q-4 -31 18 -27Q24 -22 20 -15Q0 -11 -19 -14Q-24 -18 -21 -25Z', fur) +
      circle(26, -31, 9, fur) +
      polygon([19, -35, 20, -46, 27, -39], fur) +
      polygon([28, -39, 34, -45, 35, -32], fur) +
      stroke(d`M-20 -23Q-34 -26 ${-36 + tail * 0.5} ${-42 + tail}`, fur, 4.6);
  const eyes =
    light.night > 0.5
      ? circle(sits ? 3 : 25, sits ? -41 : -32, 1.6, '#f5f3a0') +
        circle(sits ? 9 : 31, sits ? -41 : -32, 1.6, '#f5f3a0')
      : '';
  return ellipse(x, y, 27 * size, 5 * size, 'url(#shadow)', opacity(0.8)) + placed(shape + eyes, x, y, size, forward);
}

/** A bird, or a few in a loose line, in the sky around y. */
export function birds(view: View, y: number, there: Visit): string {
  if (view.light.night > 0.7) return '';
  const number = 1 + Math.floor(there.random() * 5);
  const paint = view.light.paint('#2c3038', 0.12, 0.4);
  let all = '';
  for (let i = 0; i < number; i++) {
    const x = across(there, 160) - there.forward * i * 34;
    const height = y + (i % 2 === 0 ? 1 : -1) * i * 11 + Math.sin(view.seconds * 0.5 + i) * 8;
    const flap = 9 * Math.sin(view.seconds * 6 + i * 2);
    all += path(
      d`M${x - 19} ${height - flap}Q${x - 8} ${height - 6 - flap * 0.3} ${x} ${height}Q${x + 8} ${height - 6 - flap * 0.3} ${x + 19} ${height - flap}Q${x + 8} ${height - 1} ${x} ${height + 5}Q${x - 8} ${height - 1} ${x - 19} ${height - flap}Z`,
      paint,
    );
  }
  return all;
}
