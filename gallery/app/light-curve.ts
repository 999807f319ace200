/** How many lux the top of the plot stands for at least, so that a dark night does not look like noon. */
const leastTop = 100;

/**
 * An SVG path through the light of the hours, in a box of 1000 x 100. Compressed as eyes do it: dawn would not show
 * beside noon otherwise. Hours without a number leave a gap.
 */
export function lightCurve(lux: readonly (number | null)[]): string {
  const top = Math.max(leastTop, ...lux.map((value) => value ?? 0));
  const points = lux.map((value, hour) =>
    value === null ? null : { x: ((hour + 0.5) / lux.length) * 1000, y: 97 - (value / top) ** 0.4 * 88 },
  );
  const path: string[] = [];
  let before: { x: number; y: number } | null = null;
  for (const point of points) {
    if (point !== null && before === null)
      path.push(`M${coordinates(point.x - 8, point.y)}L${coordinates(point.x, point.y)}`);
    else if (point !== null && before !== null) {
      const middle = (before.x + point.x) / 2;
      path.push(`C${coordinates(middle, before.y)} ${coordinates(middle, point.y)} ${coordinates(point.x, point.y)}`);
    }
    before = point;
  }
  return path.join('');
}

function coordinates(x: number, y: number): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
