import { add, colour, hex, mix, multiply, scale, step } from '../colour';
import { falling } from '../falling';
import { tufts } from '../plants';
import { d, ellipse, group, opacity, path, rectangle, vertical } from '../shapes';
import { sky } from '../sky';
import { conifer } from '../trees';
import type { View } from '../view';
import { birds, visit } from '../visitors';
import { boats, jetty } from './lake-boats';
import { mountains, shore } from './lake-shore';
import type { Palette } from './palette';

/** Pixels from the top to the horizon. */
export const horizon = 396;

/** A lake among mountains: a cabin on the other shore, a jetty with a lamp and a boat on this one. */
export function lake(view: View, palette: Palette): string {
  const flying = visit(view, 'birds', 80, 38, 0.7);
  const far = mountains(view, horizon) + shore(view, palette, horizon);
  return (
    sky(view, horizon) +
    far +
    (flying === null ? '' : birds(view, 190, flying)) +
    water(view, far) +
    boats(view) +
    jetty(view) +
    bank(view) +
    falling(view, horizon)
  );
}

function water(view: View, far: string): string {
  const { light, seconds, weather } = view;
  const deep = multiply(colour('#5d8a97'), add(light.ambient, light.sunColour, 0.5));
  const random = view.random('water');
  const calm = 1 - 0.65 * weather.wind - 0.3 * weather.rain;
  let bright = '';
  let dark = '';
  for (let i = 0; i < 190; i++) {
    const near = random() ** 1.5;
    const y = horizon + 8 + near * 316;
    const long = (16 + 70 * random()) * (0.35 + near * 1.6);
    const x = ((((random() * 1500 + seconds * (3 + 9 * near) * (i % 2 === 0 ? 1 : -0.6)) % 1500) + 1500) % 1500) - 110;
    const wave = d`M${x} ${y}q${long / 2} ${-2.2 * (0.5 + near)} ${long} 0q${-long / 2} ${2.2 * (0.5 + near)} ${-long} 0`;
    if (i % 2 === 0) bright += wave;
    else dark += wave;
  }
  const glitter = light.sunshine > 0.05 ? sparkle(view) : '';
  return (
    vertical('water', [
      [0, hex(mix(light.sky.horizon, deep, 0.28))],
      [0.35, hex(mix(light.sky.middle, deep, 0.45))],
      [1, hex(mix(scale(light.sky.top, 0.75), scale(deep, 0.6), 0.6))],
    ]) +
    rectangle(-20, horizon + 3, 1320, 340, 'url(#water)') +
    `<clipPath id="lake"><rect x="-20" y="${horizon + 4}" width="1320" height="330"/></clipPath>` +
    group(group(far, `transform="translate(0 ${horizon * 1.78 + 8}) scale(1 -0.78)" `), 'clip-path="url(#lake)"') +
    rectangle(-20, horizon + 3, 1320, 340, 'url(#water)', opacity(0.8 - 0.36 * calm)) +
    path(bright, hex(mix(light.sky.horizon, colour('#ffffff'), 0.25 * step(-6, 8, light.elevation))), opacity(0.42)) +
    path(dark, hex(scale(deep, 0.55)), opacity(0.35)) +
    glitter +
    lampTrail(view)
  );
}

/** The road of light that a low sun lays on water. */
function sparkle(view: View): string {
  const { light } = view;
  const random = view.random(`glitter ${Math.floor(view.seconds)}`);
  let data = '';
  for (let i = 0; i < 120; i++) {
    const near = random();
    const x = light.sunX + (random() + random() - 1) * (40 + 190 * near);
    const long = 6 + 22 * near;
    data += d`M${x} ${horizon + 6 + near * 250}q${long / 2} -2 ${long} 0q${-long / 2} 2 ${-long} 0`;
  }
  return path(
    data,
    hex(mix(colour('#fff8e6'), colour('#ffc98a'), step(20, 2, light.elevation))),
    opacity(0.75 * light.sunshine * step(45, 12, light.elevation)),
  );
}

function lampTrail({ light }: View): string {
  if (light.night < 0.1) return '';
  return (
    [861, 926].map((x) => ellipse(x, horizon + 62, 9, 62, 'url(#lamplight)', opacity(0.85 * light.night))).join('') +
    ellipse(508, 610, 26, 80, 'url(#lamplight)', opacity(0.8 * light.night))
  );
}

function bank(view: View): string {
  return (
    conifer(view, 'big', 92, 730, 640, 0) +
    conifer(view, 'bigger', 238, 744, 430, 0.02) +
    path(
      'M-20 740L-20 640Q120 622 260 676Q330 704 380 740Z',
      view.light.paint(view.season.snowed(scale(view.season.grass, 0.6), 0.95), 0, 0.5),
    ) +
    tufts(view, 'reeds', 250, 730, 150, 70, 110, 0.6) +
    tufts(view, 'bank', 130, 700, 230, 60, 34, 0.6) +
    tufts(view, 'right', 1230, 745, 100, 60, 90, 0.55)
  );
}
