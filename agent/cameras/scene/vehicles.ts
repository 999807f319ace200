import { pick } from './chance';
import { clamp, colour, mix } from './colour';
import { circle, d, ellipse, opacity, path, rectangle, stroke } from './shapes';
import type { View } from './view';
import { coats, placed, type Visit } from './visitors';

/** A car of about 230 units of length, wheels on x, y; with lights in the dark. */
export function car(
  view: View,
  x: number,
  y: number,
  size: number,
  forward: 1 | -1,
  of: string,
  moving: boolean,
): string {
  const { light } = view;
  const paint = light.paint(of, 0, 1);
  const low = light.paint(mix(colour(of), colour('#10131f'), 0.45), 0, 0.6);
  const glass = light.paint(mix(colour('#2b3947'), light.sky.middle, 0.3), 0, 0.9);
  const on = moving ? clamp(light.night * 1.6 + view.weather.rain + view.weather.mist, 0, 1) : 0;
  const wheel = (at: number) =>
    circle(at, -17, 19, light.paint('#1d1f24', 0, 0.5)) +
    circle(at, -17, 10, light.paint('#a9afb5', 0, 0.8)) +
    circle(at, -17, 3.5, light.paint('#50555c', 0, 0.8));
  const beam =
    on > 0.1
      ? path('M110 -40L420 -64L420 2L110 -28Z', 'url(#beam)', opacity(0.8 * on)) +
        ellipse(250, 0, 170, 15, 'url(#lamplight)', opacity(0.75 * on)) +
        circle(110, -36, 30, 'url(#lamplight)', opacity(on)) +
        circle(-114, -38, 24, 'url(#taillight)', opacity(on))
      : '';
  const body =
    path(
      'M-118 -22Q-120 -46 -104 -50Q-84 -54 -70 -58Q-48 -86 -20 -88L22 -88Q46 -86 66 -58Q98 -54 112 -46Q120 -38 117 -22Q112 -14 100 -14L-106 -14Q-117 -15 -118 -22Z',
      paint,
    ) +
    path('M-118 -28L117 -28Q118 -14 100 -14L-106 -14Q-119 -14 -118 -28Z', low) +
    path('M-58 -58Q-42 -79 -20 -80L-4 -80L-4 -58Z', glass) +
    path('M4 -80L20 -80Q38 -79 54 -58L4 -58Z', glass) +
    stroke('M-104 -49Q0 -60 112 -45', '#ffffff', 1.5, opacity(0.35)) +
    stroke('M0 -56L0 -22', low, 1.2) +
    rectangle(8, -50, 12, 2.5, low) +
    ellipse(111, -38, 6, 5, on > 0.1 ? '#fff6d8' : light.paint('#e8ecee', 0, 1)) +
    ellipse(-115, -40, 4, 6, on > 0.1 ? '#ff5a45' : light.paint('#a8332c', 0, 1)) +
    wheel(-70) +
    wheel(70);
  return ellipse(x, y, 140 * size, 11 * size, 'url(#shadow)') + placed(beam + body, x, y, size, forward);
}

/** Somebody on a bicycle with a delivery box, wheels on x, y. */
export function cyclist(view: View, x: number, y: number, size: number, { forward, random }: Visit): string {
  const { light, seconds } = view;
  const coat = pick(random, coats);
  const frame = light.paint('#2a2d33', 0, 0.7);
  const wheel = (at: number) => `<circle cx="${at}" cy="-21" r="20" fill="none" stroke="${frame}" stroke-width="3"/>`;
  const foot = [Math.cos(seconds * 5) * 9, Math.sin(seconds * 5) * 9] as const;
  const on = light.night;
  const shape =
    wheel(-32) +
    wheel(32) +
    stroke(
      'M-32 -21L-14 -52L22 -52L0 -21L-32 -21M22 -52L32 -21M22 -52L20 -64L28 -66M-14 -52L0 -21M-16 -58L-10 -58',
      frame,
      3.4,
    ) +
    rectangle(-50, -84, 36, 30, light.paint('#e0762f', 0, 1), 'rx="3"') +
    rectangle(-50, -84, 36, 7, light.paint('#b95a1f', 0, 0.8), 'rx="3"') +
    stroke(d`M-10 -62Q8 -50 ${foot[0]} ${-20 + foot[1]}`, light.paint('#2f3340', 0, 0.7), 8) +
    stroke('M-9 -64Q-4 -86 8 -92', light.paint(coat, 0, 0.9), 15) +
    stroke('M7 -88Q16 -74 26 -68', light.paint(coat, 0, 0.75), 6) +
    circle(14, -106, 9, light.paint('#d9a883', 0, 0.9)) +
    path('M4 -106Q4 -118 15 -118Q25 -117 25 -107Z', light.paint('#f0efe8', 0, 1));
  const lamp = on > 0.1 ? circle(36, -60, 34, 'url(#lamplight)', opacity(on)) : '';
  return ellipse(x, y, 60 * size, 7 * size, 'url(#shadow)', opacity(0.8)) + placed(shape + lamp, x, y, size, forward);
}
