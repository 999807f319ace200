import { group, opacity, stroke } from './shapes';

/**
 * The strokes of each letter on a grid of 4 x 6 (y down): numbers can be drawn on a machine that has no fonts at all.
 */
const letters: Record<string, string> = {
  '0': 'M2 0Q4 0 4 3Q4 6 2 6Q0 6 0 3Q0 0 2 0',
  '1': 'M.7 1.2L2.2 0V6',
  '2': 'M.2 1.4Q.4 0 2 0Q3.8 0 3.8 1.6Q3.8 2.7 2.6 3.8L.2 6H4',
  '3': 'M.3 1Q.8 0 2 0Q3.7 0 3.7 1.5Q3.7 2.9 1.7 2.9Q3.9 2.9 3.9 4.4Q3.9 6 2 6Q.6 6 .1 4.9',
  '4': 'M3 6V0L0 4.2H4.1',
  '5': 'M3.6 0H.7L.4 2.8Q1 2.3 2 2.3Q3.9 2.3 3.9 4.1Q3.9 6 1.9 6Q.6 6 .1 5',
  '6': 'M3.4 .6Q2.9 0 2.1 0Q0 0 0 3.6Q0 6 2 6Q3.9 6 3.9 4.1Q3.9 2.4 2.1 2.4Q.4 2.4 0 3.9',
  '7': 'M0 0H4L1.5 6',
  '8': 'M2 0Q3.6 0 3.6 1.4Q3.6 2.8 2 2.8Q.4 2.8 .4 1.4Q.4 0 2 0M2 2.8Q3.9 2.8 3.9 4.4Q3.9 6 2 6Q.1 6 .1 4.4Q.1 2.8 2 2.8',
  '9': 'M.6 5.4Q1.1 6 1.9 6Q4 6 4 2.4Q4 0 2 0Q.1 0 .1 1.9Q.1 3.6 1.9 3.6Q3.6 3.6 4 2.1',
  ':': 'M1 1.7V1.8M1 4.8V4.9',
  '.': 'M.8 5.9V6',
  ',': 'M.9 5.8L.6 6.9',
  '-': 'M.8 3.2H3.2',
  l: 'M.8 -.3V6',
  x: 'M.4 2.2L3.4 6M3.4 2.2L.4 6',
};
const narrow: Record<string, number> = { ':': 3.4, '.': 3, ',': 3, ' ': 3.4, l: 3 };

/** The time and the light in the upper left corner; `width` and `height` are those of the picture in pixels. */
export function overlay(time: Date, lux: number, width: number, height: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const unit = Math.min(width / 1280, height / 720) * 2.3;
  const text = written(`${date} ${clock}   ${lux.toLocaleString('en')} lx`);
  return group(
    stroke(text, '#0a0d18', 1.7, opacity(0.35)) + stroke(text, '#ffffff', 0.72, opacity(0.92)),
    `transform="translate(${unit * 10} ${unit * 9}) scale(${unit})"`,
  );
}

function written(text: string): string {
  let x = 0;
  let data = '';
  for (const letter of text) {
    // The strokes are absolute, so each letter is moved by rewriting its x coordinates.
    data += (letters[letter] ?? '').replaceAll(/([MLQ ])(-?[\d.]+) (-?[\d.]+)|H([\d.]+)/g, (_, before, px, py, h) =>
      h === undefined ? `${before}${shift(px, x)} ${py}` : `H${shift(h, x)}`,
    );
    x += narrow[letter] ?? 5.6;
  }
  return data;
}

function shift(coordinate: string, x: number): number {
  return Math.round((Number(coordinate) + x) * 100) / 100;
}
