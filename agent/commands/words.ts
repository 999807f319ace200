import type { z } from 'zod';
import { durationSchema } from '../units';
import { UsageError } from './command';

/** A table of left-aligned columns, two blanks apart; numbers, in columns named by `right`, stand right-aligned. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** A number of bytes for people: `812 KB`, `1.2 GB`; 1 KB is 1,024 bytes, as in the configuration. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  for (; amount >= 1000 && unit < units.length - 1; unit += 1) amount /= 1024;
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

/** A time span for people, in its largest sensible unit: `45 s`, `59 min`, `23 h`, `6 d`. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** Lux for people: whole numbers, but for very little light. */
export function luxText(lux: number | null): string {
  if (lux === null) return '';
  return `${lux < 10 ? Math.round(lux * 100) / 100 : Math.round(lux)}`;
}

/** Text from others, fit for a terminal: control characters could rewrite what stands there. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** Reads an option's text with a schema. Throws a UsageError that names the option and what it should be. */
export function readOption<T>(schema: z.ZodType<T>, name: string, text: unknown): T {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new UsageError(`${name} '${text}': ${result.error.issues[0]?.message}`);
}

/** Reads a point in time: how long ago (`2h`), a date, a date with a time (in the local zone unless it names one). */
export function readTime(name: string, text: string, now = Date.now()): number {
  const ago = durationSchema.safeParse(text);
  if (ago.success) return now - ago.data;
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text.replace(' ', 'T'));
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time;
  throw new UsageError(`${name} '${text}': a time is 2h (so long ago), 2026-06-09 or '2026-06-09 14:30'`);
}

/** A time on the local clock, `2026-06-09 14:30:05`. */
export function timeText(time: number): string {
  // Sweden writes dates as ISO 8601 does.
  return new Date(time).toLocaleString('sv-SE');
}
