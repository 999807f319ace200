import { chance } from '../chance';

/** The colours that people chose for their houses; each camera has its own. */
export interface Palette {
  walls: readonly [string, string, string];
  roofs: readonly [string, string, string];
  doors: readonly [string, string, string];
  shutters: readonly [string, string];
  shed: string;
  car: string;
}

const palettes: readonly Palette[] = [
  {
    walls: ['#e9b872', '#f0e3cc', '#b9634f'],
    roofs: ['#8f4a3a', '#6d6f78', '#5d4a48'],
    doors: ['#3f6d64', '#b33f36', '#e3ddcf'],
    shutters: ['#4d7a72', '#5b7f95'],
    shed: '#5b7f95',
    car: '#3c6a8f',
  },
  {
    walls: ['#93b3b8', '#ecd9b4', '#d98e73'],
    roofs: ['#57606e', '#96523f', '#6b4741'],
    doors: ['#d9a43f', '#2f5f6b', '#5a3d4a'],
    shutters: ['#f0ece0', '#7a4f46'],
    shed: '#7a4f46',
    car: '#c9c4b8',
  },
  {
    walls: ['#d9ccb8', '#a9bf9b', '#e6d494'],
    roofs: ['#7d4438', '#5b5e66', '#84503e'],
    doors: ['#36517a', '#f0e2b4', '#8c3c38'],
    shutters: ['#6c8057', '#f2efe6'],
    shed: '#9c5a4a',
    car: '#a23d38',
  },
  {
    walls: ['#c97a63', '#dfe3df', '#8fa7b8'],
    roofs: ['#5b4a4a', '#8a4c3d', '#4d5660'],
    doors: ['#efe3c6', '#3d6b52', '#d48a3c'],
    shutters: ['#efe9dc', '#4f6f86'],
    shed: '#7f9aa0',
    car: '#e0ddd6',
  },
];

/** The palette of a camera. */
export function paletteOf(name: string): Palette {
  const first = palettes[0];
  if (first === undefined) throw new RangeError('there are no palettes');
  return palettes[Math.floor(chance(`palette ${name}`)() * palettes.length)] ?? first;
}
