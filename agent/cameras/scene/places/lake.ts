import { add, colour, hex, mix, multiply, scale, step } from '../colour';
import { falling } from '../falling';
import { house, lantern, smoke, window } from '../houses';
import { hills, tufts, woods } from '../land';
import {
  circle,
  d,
  ellipse,
  group,
  horizontal,
  layered,
  opacity,
  path,
  polygon,
  rectangle,
  stroke,
  vertical,
} from '../shapes';
import { sky } from '../sky';
import { conifer } from '../trees';
import type { View } from '../view';
import { across, birds, visit } from '../visitors';
import type { Palette } from './palette';

export const horizon = 396;

/** A lake among mountains: a cabin on the other shore, a jetty with a lamp and a boat on this one. */
export function lake(view: View, palette: Palette): string {
  const flying = visit(view, 'birds', 80, 38, 0.7);
  const far = mountains(view) + shore(view, palette);
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

function mountains(view: View): string {
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

function shore(view: View, { walls, roofs }: Palette): string {
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
    (view.season.cold < 0.4 ? smoke(view, 1000, horizon - 6, 0.3) : '') +
    rectangle(-20, horizon, 1320, 5, view.light.paint(view.season.snowed([150, 140, 112], 0.8), 0.3, 0.8))
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

function boats(view: View): string {
  const sailing = visit(view, 'sail', 210, 190, 0.8);
  const ducks = visit(view, 'ducks', 120, 110, 0.85);
  const { light } = view;
  let all = '';
  if (sailing !== null && light.night < 0.8) {
    const x = across(sailing, 60);
    const white = light.paint('#fbf6ea', 0.14, 1);
    const lean = sailing.forward * (3 + 6 * view.weather.wind);
    const shape = (flip: 1 | -1) =>
      polygon([0, 0, lean * 0.2, -84 * flip, sailing.forward * 38 + lean * 0.2, -8 * flip], white) +
      polygon(
        [-4, -4 * flip, lean * 0.2 - 3, -74 * flip, -sailing.forward * 27, -8 * flip],
        light.paint('#e2804f', 0.14, 0.95),
      ) +
      path(`M-34 ${-5 * flip}L36 ${-5 * flip}L26 ${7 * flip}L-26 ${7 * flip}Z`, light.paint('#7d3f35', 0.1, 0.8));
    all += group(
      group(shape(-1), `transform="translate(0 12) scale(1 .8)" ${layered(0.28)}`) + shape(1),
      `transform="translate(${Math.round(x)} 447)"`,
    );
  }
  if (ducks !== null) {
    for (let i = 0; i < 4; i++) {
      const x = across(ducks, 130) - ducks.forward * i * 36;
      const y = 560 + (i % 2) * 9 + Math.sin(view.seconds * 1.4 + i) * 1.5;
      const paint = light.paint(i === 0 ? '#3f5c4a' : '#7b6248', 0, 0.9);
      all +=
        stroke(
          d`M${x - ducks.forward * 16} ${y + 4}l${-ducks.forward * 46} 7M${x - ducks.forward * 16} ${y + 3}l${-ducks.forward * 46} -3`,
          hex(light.sky.horizon),
          1.4,
          opacity(0.4),
        ) +
        ellipse(x, y, 13, 6.5, paint) +
        circle(x + ducks.forward * 11, y - 8, 5, paint) +
        polygon(
          [x + ducks.forward * 15, y - 9, x + ducks.forward * 21, y - 7, x + ducks.forward * 15, y - 6],
          light.paint('#e0a23c', 0, 1),
        );
    }
  }
  return all;
}

function jetty(view: View): string {
  const { light, season } = view;
  const wood = season.snowed([158, 128, 98], 0.8);
  const edge = (share: number) => [640 - 250 * share, 508 + 232 * share, 730 + 130 * share] as const;
  let planks = '';
  for (let i = 0; i <= 17; i++) {
    const [x, y, right] = edge((i / 17) ** 1.7);
    planks += d`M${x - 100 * (1 - i / 17) * 0} ${y}H${right}`;
  }
  const post = (x: number, y: number, tall: number, wide: number) =>
    rectangle(x - wide / 2, y - tall, wide, tall + 26, light.paint(scale(wood, 0.6), 0, 0.7)) +
    ellipse(x, y - tall, wide / 2, wide / 6, light.paint(season.snowed(scale(wood, 1.05), 1), 0, 1)) +
    ellipse(x, y + 26, wide * 1.1, 5, 'url(#shadow)');
  const [leftNear, , rightNear] = edge(1);
  const boatSway = Math.sin(view.seconds * 0.8) * 2.5;
  const hull = light.paint('#a8443a', 0, 0.95);
  const boat = group(
    ellipse(0, 18, 130, 16, 'url(#shadow)') +
      path('M-118 -22Q0 8 122 -26Q112 20 74 26L-70 26Q-110 20 -118 -22Z', hull) +
      path('M-118 -22Q0 8 122 -26Q118 -14 112 -6Q0 20 -112 -2Z', light.paint('#e9dfcb', 0, 0.9)) +
      path('M-108 -20Q0 6 112 -23Q40 -32 -20 -31Q-80 -30 -108 -20Z', light.paint('#4b3528', 0, 0.4)) +
      polygon([-40, -28, 10, -29, 18, -11, -42, -9], light.paint(season.snowed([196, 160, 116], 0.8), 0, 0.9)) +
      stroke('M-20 -24L84 -52', light.paint('#c9a878', 0, 0.9), 5),
    `transform="translate(985 ${640 + boatSway}) rotate(${Math.round(boatSway * 4) / 10})"`,
  );
  return (
    horizontal('jetty', [
      [0, light.paint(wood, 0, light.sunX < 640 ? 1 : 0.7)],
      [1, light.paint(wood, 0, light.sunX < 640 ? 0.7 : 1)],
    ]) +
    post(742, 520, 44, 13) +
    polygon([640, 516, 730, 516, rightNear + 10, 760, leftNear - 10, 760], '#0a1018', opacity(0.35)) +
    polygon([640, 508, 730, 508, rightNear, 740, leftNear, 740], 'url(#jetty)') +
    stroke(planks, light.paint(scale(wood, 0.45), 0, 0.5), 1.6, opacity(0.55)) +
    polygon([730, 508, rightNear, 740, rightNear, 754, 730, 516], light.paint(scale(wood, 0.5), 0, 0.4)) +
    boat +
    stroke('M868 622Q840 640 806 600', light.paint('#d9cdb0', 0, 0.9), 3) +
    post(800, 610, 52, 20) +
    post(628, 520, 44, 13) +
    post(508, 636, 150, 12) +
    lantern(view, 508, 476, 190)
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
