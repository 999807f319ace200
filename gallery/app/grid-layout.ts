import type { Image } from './messages';
import { placeOfTime } from './sorted-images';
import { startOfDay } from './words';

/** The gap between tiles, in CSS pixels. */
export const gap = 6;

/** The heights of headings and the width from which on a day's totals stand beside its name, in CSS pixels. */
const wideFrom = 900;
const dayHeight = { wide: 56, narrow: 70 };
const hourHeight = 34;
const spaceBelowHour = 10;

/** A line of the grid: a heading, or images beside each other. Lengths are CSS pixels, times unix milliseconds. */
export interface Row {
  kind: 'day' | 'hour' | 'images';
  top: number;
  height: number;
  /** The start of the day or the hour. */
  time: number;
  /** The first image's place in the list, and how many there are: below a heading, or in this line. */
  first: number;
  count: number;
}

/** Where everything stands in a grid of a given width. */
export interface GridLayout {
  width: number;
  columns: number;
  tileWidth: number;
  tileHeight: number;
  wide: boolean;
  rows: Row[];
  height: number;
}

/** The columns and the tiles' size in a grid of this width. */
export function tileSize(width: number): Omit<GridLayout, 'rows' | 'height'> {
  const wanted = Math.min(264, Math.max(150, width / 7.2));
  const columns = Math.max(1, Math.floor((width + gap) / (wanted + gap)));
  const tileWidth = (width - gap * (columns - 1)) / columns;
  return { width, columns, tileWidth, tileHeight: Math.round((tileWidth * 9) / 16), wide: width >= wideFrom };
}

/**
 * Lays out images (newest first) by day and hour. It looks at hours and lines, not at each image, so that a hundred thousand images take a few milliseconds.
 */
export function layOut(images: readonly Image[], width: number): GridLayout {
  const size = tileSize(width);
  const heightOfDay = size.wide ? dayHeight.wide : dayHeight.narrow;
  const rows: Row[] = [];
  let top = 0;
  let day: Row | undefined;
  for (let first = 0; first < images.length; ) {
    const hourStart = new Date(images[first]?.capturedAt ?? 0).setMinutes(0, 0, 0);
    const end = Math.max(first + 1, placeOfTime(images, hourStart - 1));
    const dayStart = startOfDay(hourStart);
    if (day?.time !== dayStart) {
      day = { kind: 'day', top, height: heightOfDay, time: dayStart, first, count: 0 };
      rows.push(day);
      top += heightOfDay;
    }
    day.count += end - first;
    rows.push({ kind: 'hour', top, height: hourHeight, time: hourStart, first, count: end - first });
    top += hourHeight;
    for (let start = first; start < end; start += size.columns) {
      const count = Math.min(size.columns, end - start);
      rows.push({ kind: 'images', top, height: size.tileHeight + gap, time: hourStart, first: start, count });
      top += size.tileHeight + gap;
    }
    top += spaceBelowHour;
    first = end;
  }
  return { ...size, rows, height: top };
}

/** The place in `rows` of the first row that ends below `y`. */
export function rowAt(rows: readonly Row[], y: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.top + row.height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row of images that holds the image at this place in the list. */
export function rowOfImage(rows: readonly Row[], index: number): Row | undefined {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle]?.first ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return rows[low];
}
