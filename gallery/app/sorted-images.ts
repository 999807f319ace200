import type { Image } from './messages';

/** As the server lists them: newest first, and by the camera's name of those captured in the same millisecond. */
function order(a: Image, b: Image): number {
  return b.capturedAt - a.capturedAt || (a.camera < b.camera ? -1 : a.camera > b.camera ? 1 : 0);
}

/** Two lists that are sorted newest first in one, each image once; of two with the same id the one of `added` stays. */
export function merge(list: readonly Image[], added: readonly Image[]): readonly Image[] {
  if (added.length === 0) return list;
  const [last, first] = [list.at(-1), added[0]];
  // Older images, as while one scrolls down: no need to compare a hundred thousand.
  if (last !== undefined && first !== undefined && order(last, first) < 0) return list.concat(added);
  const all: Image[] = [];
  let next = 0;
  for (const image of added) {
    for (let other = list[next]; other !== undefined && order(other, image) <= 0; other = list[++next])
      if (other.id !== image.id) all.push(other);
    all.push(image);
  }
  for (let other = list[next]; other !== undefined; other = list[++next]) all.push(other);
  return all;
}

/** The place in a list, sorted newest first, of the first image captured at this time or before. */
export function placeOfTime(list: readonly Image[], time: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.capturedAt ?? 0) > time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of an image in a list that is sorted newest first, found by the time in its id; -1 if it is not there. */
export function placeOf(list: readonly Image[], id: string): number {
  const time = Number(id.slice(id.lastIndexOf(':') + 1));
  for (let at = placeOfTime(list, time); list[at]?.capturedAt === time; at++) if (list[at]?.id === id) return at;
  return -1;
}
