import { chance } from './chance';
import { add, type Colour, colour, hex, mix, scale, step } from './colour';
import { circle, ellipse, group, opacity, radial } from './shapes';
import type { View } from './view';

/** Drifting clouds: the more, the greyer; under a closed sky, long dark bands. */
export function clouds(view: View, horizon: number): string {
  const { light, weather } = view;
  const day = step(-9, 6, light.elevation);
  const low = step(18, 1, light.elevation) * step(-8, -1, light.elevation);
  const grey = step(0.45, 1, weather.clouds);
  const white = mix(
    mix(colour('#3a4674'), colour('#ffffff'), day),
    mix(colour('#ffc59a'), colour('#b9bfc8'), grey),
    Math.max(low * 0.75 * (1 - grey), grey * day),
  );
  const bright = light.elevation < -9 ? mix(light.sky.middle, colour('#6c7cb0'), 0.3) : white;
  const shade = mix(mix(light.sky.middle, scale(light.sky.top, 0.85), 0.35), colour('#8f93a8'), 0.35 * day);
  const gradients =
    puffs('cloud-light', bright) +
    puffs('cloud-shade', mix(shade, colour('#a8697c'), low * 0.35 * (1 - grey))) +
    puffs('cloud-band', scale(light.sky.top, 0.9)) +
    puffs('cloud-gap', add(light.sky.horizon, colour('#101010')));
  return gradients + wisps(view, horizon, day) + heaps(view, horizon) + bands(view, horizon);
}

function puffs(id: string, of: Colour): string {
  return radial(id, [
    [0, hex(of), 0.95],
    [0.5, hex(of), 0.72],
    [0.8, hex(of), 0.22],
    [1, hex(of), 0],
  ]);
}

/** The thin, high clouds of a clear day. */
function wisps({ seconds, weather }: View, horizon: number, day: number): string {
  const random = chance('wisps');
  const all = Array.from({ length: 9 }, () => {
    const x = ((random() * 1700 + seconds * 0.6) % 1700) - 200;
    const y = (0.1 + 0.6 * random()) * horizon;
    return ellipse(
      x,
      y,
      150 + 170 * random(),
      5 + 11 * random(),
      'url(#cloud-light)',
      `transform="rotate(${-4 - 5 * random()} ${Math.round(x)} ${Math.round(y)})"`,
    );
  });
  return group(all.join(''), opacity(0.34 * (0.35 + 0.65 * day) * (1 - step(0.6, 1, weather.clouds))));
}

/** Heaps of soft puffs: shaded below, bright where the sun is. */
function heaps({ light, seconds, weather }: View, horizon: number): string {
  const random = chance('heaps');
  const number = Math.round(2 + 8 * step(0, 0.75, weather.clouds));
  const strength = step(0.03, 0.2, weather.clouds) * (1 - 0.92 * step(0.7, 1, weather.clouds));
  let all = '';
  for (let i = 0; i < number; i++) {
    const far = random();
    const size = 0.45 + 0.75 * (1 - far);
    const x = ((random() * 1700 + seconds * (1.2 + 2.4 * weather.wind) * size) % 1700) - 210;
    const y = horizon * (0.16 + 0.56 * far);
    const lean = x < light.sunX ? 1 : -1;
    let shaded = '';
    let lit = '';
    for (let j = 0; j < 17; j++) {
      const along = random() + random() - 1;
      const r = (14 + 44 * (1 - Math.abs(along)) * (0.55 + 0.45 * random())) * size;
      const px = x + along * 150 * size;
      const py = y - r * (0.72 + 0.2 * random());
      shaded += ellipse(px, py + r * 0.34, r * 1.25, r * 0.9, 'url(#cloud-shade)');
      lit += circle(px + lean * r * 0.14, py - r * 0.1, r, 'url(#cloud-light)');
    }
    all += shaded + lit;
  }
  return group(all, opacity(strength));
}

/** The layers of a closed sky. */
function bands({ seconds, weather }: View, horizon: number): string {
  const strength = step(0.6, 1, weather.clouds);
  if (strength < 0.02) return '';
  const random = chance('bands');
  const all = Array.from({ length: 26 }, (_, i) => {
    const x = ((random() * 2000 + seconds * (2 + 3 * weather.wind)) % 2000) - 360;
    const y = horizon * (0.02 + 0.86 * random());
    const size = 1 - 0.65 * (y / horizon);
    return ellipse(
      x,
      y,
      (200 + 220 * random()) * (0.5 + size / 2),
      (22 + 50 * random()) * size,
      i % 3 === 0 ? 'url(#cloud-gap)' : 'url(#cloud-band)',
      opacity(strength * (0.3 + 0.4 * random())),
    );
  });
  return all.join('');
}
