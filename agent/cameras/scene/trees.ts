import { clamp, colour, mix, scale } from './colour';
import { d, group, opacity, path, polygon, round, stroke } from './shapes';
import type { View } from './view';

/** A broad-leaved tree that stands at x, y: `height` in pixels; its leaves come, turn and fall, and it sways. */
export function tree(
  view: View,
  part: string,
  x: number,
  y: number,
  height: number,
  depth: number,
  blossom = false,
): string {
  const { light, season } = view;
  const random = view.random(part);
  const bark = light.paint(season.snowed(colour('#57473a'), 0.15), depth, 0.5);

  let branches = '';
  const tips: [number, number][] = [];
  const grow = (fromX: number, fromY: number, angle: number, length: number, width: number, level: number) => {
    const toX = fromX + Math.sin(angle) * length;
    const toY = fromY - Math.cos(angle) * length;
    const bend = (random() - 0.5) * length * 0.3;
    branches += stroke(
      d`M${fromX} ${fromY}Q${(fromX + toX) / 2 + bend} ${(fromY + toY) / 2} ${toX} ${toY}`,
      bark,
      width,
    );
    tips.push([toX, toY]);
    if (level === 0) return;
    for (const side of [-1, 0.15, 1]) {
      grow(
        toX,
        toY,
        angle + side * (0.42 + 0.25 * random()),
        length * (0.66 + 0.14 * random()),
        width * 0.6,
        level - 1,
      );
    }
  };
  grow(0, 0, 0, height * 0.3, height * 0.042, season.leaves > 0.9 ? 2 : 4);

  const sway = Math.sin(view.seconds * 0.9 + x) * (0.3 + 1.5 * view.weather.wind);
  return group(
    branches + crown(view, random, x, height, depth, blossom),
    `transform="translate(${round(x)} ${round(y)}) skewX(${round(sway)})"`,
  );
}

/** The leaves: clumps of them, upper ones behind lower ones, each with leaves that face the sun and leaves in shade. */
function crown(view: View, random: () => number, x: number, height: number, depth: number, blossom: boolean): string {
  const { light, season } = view;
  const [shade, middle, bright] = season.leaf;
  const tones = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const leaf = mix(mix(scale(shade, 0.72), middle, share * 2), bright, share * 2 - 1);
    const petals = blossom ? blossomShare(view) : 0;
    return light.paint(season.snowed(mix(leaf, colour('#f4c3d2'), petals), share * 0.9), depth, 0.1 + 0.9 * share);
  });
  const toSun = light.sunX > x ? 1 : -1;
  const reach = height * 0.36;
  const clumps = Array.from({ length: 15 }, (_, i) => {
    const angle = i * 2.4 + random() * 0.7;
    const out = i === 0 ? 0 : 0.35 + 0.37 * Math.sqrt(i / 15);
    return { x: Math.cos(angle) * out * 1.15, y: Math.sin(angle) * out * 0.92, size: 0.34 + 0.12 * random() };
  }).sort((a, b) => a.y - b.y);

  let all = '';
  for (const clump of clumps) {
    const layers = ['', '', '', '', ''];
    const centre = [clump.x * reach, -height * 0.64 + clump.y * reach, clump.size * reach] as const;
    if (season.leaves > 0.85) layers[1] += oval(centre[0], centre[1], centre[2] * 0.95, centre[2] * 0.8);
    for (let i = 0; i < 64; i++) {
      const angle = random() * 2 * Math.PI;
      const out = Math.sqrt(random()) * 1.08;
      const [u, v] = [Math.cos(angle) * out, Math.sin(angle) * out];
      const facing = 0.42 * toSun * u - 0.62 * v - 0.38 * clump.y + 0.3 * toSun * clump.x + (random() - 0.5) * 0.5;
      const tone = clamp(Math.floor((facing + 0.9) * 2.6), 0, 4);
      const size = reach * (0.028 + 0.04 * random()) * (tone < 2 ? 1.3 : 1) * (0.6 + 0.4 * season.leaves);
      if (random() > season.leaves * 1.1) continue;
      layers[tone] += oval(centre[0] + u * centre[2] * 1.1, centre[1] + v * centre[2], size * 1.2, size * 0.85);
    }
    all += layers.map((layer, tone) => (layer === '' ? '' : path(layer, tones[tone] ?? ''))).join('');
  }
  return all;
}

/** An ellipse as path data: hundreds of them in one path are much cheaper than hundreds of elements. */
function oval(x: number, y: number, rx: number, ry: number): string {
  return d`M${x - rx} ${y}a${rx} ${ry} 0 1 0 ${rx * 2} 0a${rx} ${ry} 0 1 0 ${-rx * 2} 0`;
}

function blossomShare({ season, time }: View): number {
  return season.bloom * (time.getMonth() < 5 ? 0.85 : 0);
}

/** A spruce or fir that stands at x, y. */
export function conifer(view: View, part: string, x: number, y: number, height: number, depth: number): string {
  const { light, season } = view;
  const random = view.random(part);
  const toSun = light.sunX > x ? 1 : -1;
  const shade = light.paint(season.snowed(colour('#2c4a3c'), 0.35), depth, 0.2);
  const lit = light.paint(season.snowed(colour('#4b6f4c'), 0.85), depth, 0.9);
  let all = polygon([-height * 0.02, 0, height * 0.02, 0, 0, -height * 0.5], light.paint('#4a3a2e', depth, 0.4));
  const tiers = 7;
  for (let i = 0; i < tiers; i++) {
    const low = -height * (0.06 + 0.8 * (i / tiers));
    const peak = -height * (0.06 + 0.8 * (i / tiers) + 0.28 - i * 0.012);
    const half = height * 0.25 * (1 - i / (tiers + 0.6)) * (0.9 + 0.2 * random());
    const droop = half * 0.22;
    all += path(
      d`M0 ${peak}Q${-half * 0.35} ${low - droop} ${-half} ${low + droop}Q${-half * 0.5} ${low - droop * 0.2} ${-half * 0.3} ${low + droop * 0.5}Q0 ${low - droop * 0.4} ${half * 0.35} ${low + droop * 0.5}Q${half * 0.5} ${low - droop * 0.2} ${half} ${low + droop}Q${half * 0.35} ${low - droop} 0 ${peak}Z`,
      shade,
    );
    all += path(
      d`M0 ${peak}Q${half * 0.35 * toSun} ${low - droop} ${half * toSun} ${low + droop}Q${half * 0.5 * toSun} ${low - droop} ${half * 0.2 * toSun} ${low - droop * 0.6}Z`,
      lit,
      opacity(0.85),
    );
  }
  const sway = Math.sin(view.seconds * 0.8 + x) * (0.1 + 0.6 * view.weather.wind);
  return group(all, `transform="translate(${round(x)} ${round(y)}) skewX(${round(sway)})"`);
}
