import { colour, hex, mix, scale } from '../colour';
import { house } from '../houses';
import { shadow } from '../land';
import { door, window } from '../openings';
import { opacity, rectangle, stroke } from '../shapes';
import type { View } from '../view';
import type { Palette } from './palette';

/** The house and the garage beside it. */
export function buildings(view: View, { walls, roofs, doors, shutters }: Palette): string {
  const y = 500;
  return (
    shadow(view, 350, y, 420, 200) +
    shadow(view, 740, y, 420, 150) +
    house(view, {
      part: 'home',
      x: 176,
      y,
      width: 336,
      wall: 206,
      roof: 160,
      wallColour: walls[1],
      roofColour: roofs[0],
      shape: 'gable',
      chimney: 0.76,
    }) +
    window(view, 'attic', 318, 206, 54, 62) +
    window(view, 'upper 1', 222, 318, 60, 70, { shutters: shutters[0] }) +
    window(view, 'upper 2', 400, 318, 60, 70, { shutters: shutters[0] }) +
    window(view, 'lower', 214, 420, 104, 54, { late: true }) +
    door(view, 410, 406, 56, 90, doors[0]) +
    house(view, {
      part: 'garage',
      x: 530,
      y,
      width: 420,
      wall: 146,
      roof: 84,
      wallColour: walls[0],
      roofColour: roofs[0],
      shape: 'slope',
    }) +
    garageDoor(view, doors[2]) +
    hoop(view)
  );
}

function garageDoor(view: View, of: string): string {
  const { light } = view;
  const tone = colour(of);
  let panels = '';
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 5; column++) {
      const [x, y] = [598 + column * 57, 392 + row * 27];
      const glass = row === 0;
      const paint = glass
        ? hex(
            mix(
              mix(colour(light.paint('#35424f', 0, 0.5)), light.sky.middle, 0.3),
              colour('#ffcf85'),
              light.night * 0.35,
            ),
          )
        : light.paint(scale(tone, 0.9), 0, 0.75);
      panels +=
        rectangle(x + 4, y + 4, 49, 19, paint) +
        (glass ? '' : rectangle(x + 4, y + 4, 49, 3, light.paint(scale(tone, 0.6), 0, 0.4)));
    }
  }
  return (
    rectangle(588, 382, 306, 118, light.paint('#f2eee3', 0, 0.9)) +
    rectangle(596, 390, 290, 110, light.paint(tone, 0, 0.9)) +
    panels +
    rectangle(596, 390, 290, 9, '#10131f', opacity(0.3)) +
    stroke('M596 419H886M596 446H886M596 473H886', light.paint(scale(tone, 0.6), 0, 0.4), 1.4)
  );
}

function hoop(view: View): string {
  const { light } = view;
  return (
    rectangle(708, 318, 66, 44, light.paint('#f4f1ea', 0, 1), 'rx="3"') +
    `<rect x="728" y="334" width="26" height="20" fill="none" stroke="${light.paint('#b5443a', 0, 0.9)}" stroke-width="2.5"/>` +
    stroke('M724 362H758', light.paint('#d9662f', 0, 1), 4) +
    stroke(
      'M726 364L732 384M736 364L739 386M746 364L743 386M756 364L750 384M729 374H753',
      light.paint('#f1eee6', 0, 0.9),
      1.2,
      opacity(0.8),
    )
  );
}
