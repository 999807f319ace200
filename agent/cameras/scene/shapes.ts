// SVG elements as text. Lengths are pixels of the 1280 x 720 scene, `fill` is an SVG paint, `extra` further attributes.

/** A length with one decimal: enough for a picture, and a third of the text. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Fills in path data: numbers are rounded. */
export function d(parts: TemplateStringsArray, ...values: number[]): string {
  return parts.map((part, i) => (i < values.length ? `${part}${round(values[i] ?? 0)}` : part)).join('');
}

/** A rectangle whose upper left corner is x, y. */
export function rectangle(x: number, y: number, width: number, height: number, fill: string, extra = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}" ${extra}/>`;
}

/** A circle around x, y. */
export function circle(x: number, y: number, radius: number, fill: string, extra = ''): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}" ${extra}/>`;
}

/** An ellipse around x, y. */
export function ellipse(x: number, y: number, rx: number, ry: number, fill: string, extra = ''): string {
  return `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(rx)}" ry="${round(ry)}" fill="${fill}" ${extra}/>`;
}

/** A filled shape of path data. */
export function path(data: string, fill: string, extra = ''): string {
  return `<path d="${data}" fill="${fill}" ${extra}/>`;
}

/** A polygon through x, y, x, y, ... */
export function polygon(points: readonly number[], fill: string, extra = ''): string {
  return `<polygon points="${points.map(round).join(' ')}" fill="${fill}" ${extra}/>`;
}

/** A line along path data, with round ends. */
export function stroke(data: string, paint: string, width: number, extra = ''): string {
  return `<path d="${data}" fill="none" stroke="${paint}" stroke-width="${round(width)}" stroke-linecap="round" stroke-linejoin="round" ${extra}/>`;
}

/** Elements that share attributes. */
export function group(content: string, extra = ''): string {
  return `<g ${extra}>${content}</g>`;
}

/** How much a shape covers what is behind it, 0 to 1: ten times cheaper for the renderer than {@link layered}. */
export function opacity(value: number): string {
  const share = Math.round(value * 1000) / 1000;
  return `fill-opacity="${share}" stroke-opacity="${share}"`;
}

/** The same for a group whose shapes overlap or have an opacity of their own. */
export function layered(value: number): string {
  return `opacity="${Math.round(value * 1000) / 1000}"`;
}

/** A stop of a gradient: position 0 to 1, paint, opacity. */
export type Stop = readonly [number, string, number?];

function stops(of: readonly Stop[]): string {
  return of
    .map(([at, paint, alpha = 1]) => `<stop offset="${at}" stop-color="${paint}" stop-opacity="${alpha}"/>`)
    .join('');
}

/** A gradient from top to bottom of what it fills; used as `url(#id)`. */
export function vertical(id: string, of: readonly Stop[]): string {
  return `<linearGradient id="${id}" x2="0" y2="1">${stops(of)}</linearGradient>`;
}

/** A gradient from left to right of what it fills. */
export function horizontal(id: string, of: readonly Stop[]): string {
  return `<linearGradient id="${id}">${stops(of)}</linearGradient>`;
}

/** A gradient from the middle of what it fills outwards. */
export function radial(id: string, of: readonly Stop[]): string {
  return `<radialGradient id="${id}">${stops(of)}</radialGradient>`;
}
