import type { Timeline } from './timeline';
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
  /** The first image's place in the list, and how many there are below a heading of an hour, or in this line. */
  first: number;
  count: number;
}

/** An hour of the grid: its heading, that of its day where it is the first of one, and its images. */
interface Section {
  /** The start of the hour. */
  time: number;
  opensDay: boolean;
  top: number;
  first: number;
  count: number;
}

/** The columns and the tiles' size in a grid of some width. */
export interface TileSize {
  width: number;
  columns: number;
  tileWidth: number;
  tileHeight: number;
  wide: boolean;
}

/** The columns and the tiles' size in a grid of this width. */
export function tileSize(width: number): TileSize {
  const wanted = Math.min(264, Math.max(150, width / 7.2));
  const columns = Math.max(1, Math.floor((width + gap) / (wanted + gap)));
  const tileWidth = (width - gap * (columns - 1)) / columns;
  return { width, columns, tileWidth, tileHeight: Math.round((tileWidth * 9) / 16), wide: width >= wideFrom };
}

/**
 * Where everything stands in a grid of a given width. It keeps the hours, and finds their lines when they are asked for,
 * so that a hundred thousand images take no longer than the hours they were captured in.
 */
export class GridLayout {
  readonly size: TileSize;
  readonly height: number;
  private readonly sections: readonly Section[];
  private readonly lineHeight: number;
  private readonly heightOfDay: number;

  constructor(timeline: Timeline, width: number) {
    this.size = tileSize(width);
    this.lineHeight = this.size.tileHeight + gap;
    this.heightOfDay = this.size.wide ? dayHeight.wide : dayHeight.narrow;
    const sections: Section[] = [];
    let first = 0;
    for (const { from, count } of timeline.stretches) {
      if (count === 0) continue;
      const time = new Date(from).setMinutes(0, 0, 0);
      const section = sections.at(-1);
      if (section?.time === time) section.count += count;
      else sections.push({ time, opensDay: false, top: 0, first, count });
      first += count;
    }
    let top = 0;
    let day: number | undefined;
    for (const section of sections) {
      const itsDay = startOfDay(section.time);
      section.opensDay = itsDay !== day;
      section.top = top;
      day = itsDay;
      top += this.heightOf(section);
    }
    this.sections = sections;
    this.height = top;
  }

  /** The lines that lie between two heights, if only in part. */
  rowsBetween(top: number, bottom: number): Row[] {
    const rows: Row[] = [];
    for (let at = this.sectionAt(top); at < this.sections.length; at++) {
      const section = this.sections[at];
      if (section === undefined || section.top > bottom) break;
      const { time, first, count } = section;
      const tiles = this.topOfTiles(section);
      if (section.opensDay)
        rows.push({ kind: 'day', top: section.top, height: this.heightOfDay, time: startOfDay(time), first, count });
      rows.push({ kind: 'hour', top: tiles - hourHeight, height: hourHeight, time, first, count });
      const last = Math.min(this.linesOf(section) - 1, Math.floor((bottom - tiles) / this.lineHeight));
      for (let line = Math.max(0, Math.floor((top - tiles) / this.lineHeight)); line <= last; line++)
        rows.push(this.line(section, line));
    }
    return rows.filter((row) => row.top + row.height > top && row.top <= bottom);
  }

  /** The line that holds the image at a place; undefined if there is no such image. */
  rowOfImage(index: number): Row | undefined {
    const section = this.sections[last(this.sections.length, (at) => (this.sections[at]?.first ?? 0) <= index)];
    if (section === undefined || index < 0 || index >= section.first + section.count) return undefined;
    return this.line(section, Math.floor((index - section.first) / this.size.columns));
  }

  /** The place of the first image in the line at a height, or in the first one below it. */
  imageAt(y: number): number {
    const at = this.sectionAt(y);
    const section = this.sections[at];
    if (section === undefined) return 0;
    const line = Math.floor((y - this.topOfTiles(section)) / this.lineHeight);
    const within = Math.max(0, line) * this.size.columns;
    if (within < section.count) return section.first + within;
    return this.sections[at + 1]?.first ?? section.first + section.count - 1;
  }

  /** The place of the image so many lines above or below another, in the same column where there is one. */
  linesAway(index: number, lines: number): number {
    let at = last(this.sections.length, (place) => (this.sections[place]?.first ?? 0) <= index);
    const from = this.sections[at];
    if (from === undefined) return index;
    const { columns } = this.size;
    let line = Math.floor((index - from.first) / columns) + lines;
    while (line < 0 && at > 0) line += this.linesOf(this.sections[--at]);
    while (line >= this.linesOf(this.sections[at]) && at < this.sections.length - 1)
      line -= this.linesOf(this.sections[at++]);
    const to = this.sections[at] ?? from;
    const whole = this.line(to, Math.min(Math.max(0, line), this.linesOf(to) - 1));
    return whole.first + Math.min((index - from.first) % columns, whole.count - 1);
  }

  /** Where to scroll to for the newest hour that began at this time or before: with the day's heading, if it opens one. */
  topOfTime(time: number): number {
    const section = this.sections.find((one) => one.time <= time);
    return section?.top ?? this.height;
  }

  private line({ time, first, count, ...section }: Section, line: number): Row {
    const { columns } = this.size;
    const top = this.topOfTiles({ time, first, count, ...section }) + line * this.lineHeight;
    const before = line * columns;
    return {
      kind: 'images',
      top,
      height: this.lineHeight,
      time,
      first: first + before,
      count: Math.min(columns, count - before),
    };
  }

  private linesOf(section: Section | undefined): number {
    return Math.ceil((section?.count ?? 0) / this.size.columns);
  }

  private topOfTiles({ top, opensDay }: Section): number {
    return top + (opensDay ? this.heightOfDay : 0) + hourHeight;
  }

  private heightOf(section: Section): number {
    return this.topOfTiles(section) - section.top + this.linesOf(section) * this.lineHeight + spaceBelowHour;
  }

  /** The place of the section at a height. */
  private sectionAt(y: number): number {
    return Math.max(
      0,
      last(this.sections.length, (at) => (this.sections[at]?.top ?? 0) <= y),
    );
  }
}

/** The largest of the first `count` numbers that passes; -1 if none does. Those before one that passes pass too. */
function last(count: number, passes: (at: number) => boolean): number {
  let low = -1;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (passes(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
