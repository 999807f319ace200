import { hex, scale } from '../colour';
import { lantern } from '../openings';
import { circle, d, ellipse, group, horizontal, layered, opacity, path, polygon, rectangle, stroke } from '../shapes';
import type { View } from '../view';
import { across, visit } from '../visitors';

/** A sailing boat and ducks on their way, when there are any. */
export function boats(view: View): string {
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

/** The jetty with its lamp, and the rowing boat tied to it. */
export function jetty(view: View): string {
  const { light, season } = view;
  const wood = season.snowed([158, 128, 98], 0.8);
  const edge = (share: number) => [640 - 250 * share, 508 + 232 * share, 730 + 130 * share] as const;
  let planks = '';
  for (let i = 0; i <= 17; i++) {
    const [x, y, right] = edge((i / 17) ** 1.7);
    planks += d`M${x} ${y}H${right}`;
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
