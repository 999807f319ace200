const number = new Intl.NumberFormat('en');
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const longDay = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const monthAndYear = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `4,182` */
export function grouped(value: number): string {
  return number.format(value);
}

/** `63 images`, `1 image` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A number of lux without its unit: `0.4`, `12,300`. */
export function luxNumber(lux: number): string {
  return lux < 10 ? oneDecimal.format(lux) : grouped(Math.round(lux));
}

/** `8,130 lx` */
export function luxWords(lux: number): string {
  return `${luxNumber(lux)} lx`;
}

/** A time in the browser's zone, `10:59:35`. */
export function timeOfDay(time: number): string {
  return `${hourAndMinute(time)}:${two(new Date(time).getSeconds())}`;
}

/** `10:59` */
export function hourAndMinute(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The start of the day that a time lies in, in the browser's zone. */
export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** `Today`, `Yesterday`, or `Wed 18 Nov` */
export function dayName(time: number, now: number): string {
  const start = startOfDay(time);
  if (start === startOfDay(now)) return 'Today';
  // Noon, because a day can have 23 or 25 hours.
  return start === startOfDay(startOfDay(now) - day / 2) ? 'Yesterday' : shortDay.format(time).replace(',', '');
}

/** `Friday 20 November` */
export function dayDate(time: number): string {
  return longDay.format(time).replace(',', '');
}

/** `November 2026` */
export function monthName(time: number): string {
  return monthAndYear.format(time);
}

/** `16 to 22 Nov`, `30 Nov to 6 Dec` */
export function shortRange(from: number, to: number): string {
  const sameMonth = new Date(from).getMonth() === new Date(to).getMonth();
  return `${sameMonth ? new Date(from).getDate() : dayAndMonth.format(from)} to ${dayAndMonth.format(to)}`;
}

/** An age in one unit: `now`, `12 s`, `4 min`, `2 h`, `3 d`. */
export function shortAge(age: number): string {
  if (age < second) return 'now';
  if (age < minute) return `${Math.floor(age / second)} s`;
  if (age < hour) return `${Math.floor(age / minute)} min`;
  return age < 2 * day ? `${Math.floor(age / hour)} h` : `${Math.floor(age / day)} d`;
}

/** `just now`, `12 s ago` */
export function ago(age: number): string {
  return age < second ? 'just now' : `${shortAge(age)} ago`;
}

/** `just now`, `3 minutes ago` */
export function longAgo(age: number): string {
  if (age < second) return 'just now';
  if (age < minute) return `${counted(Math.floor(age / second), 'second')} ago`;
  if (age < hour) return `${counted(Math.floor(age / minute), 'minute')} ago`;
  return age < 2 * day
    ? `${counted(Math.floor(age / hour), 'hour')} ago`
    : `${counted(Math.floor(age / day), 'day')} ago`;
}

/** What is left of a life in two units: `37 min 12 s`, `2 d 4 h`. */
export function remaining(left: number): string {
  if (left < minute) return `${Math.max(0, Math.ceil(left / second))} s`;
  if (left < hour) return `${Math.floor(left / minute)} min ${Math.floor((left % minute) / second)} s`;
  if (left < day) return `${Math.floor(left / hour)} h ${Math.floor((left % hour) / minute)} min`;
  return `${Math.floor(left / day)} d ${Math.floor((left % day) / hour)} h`;
}

/** `812 KB` */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${oneDecimal.format(bytes / 1e6)} MB`;
}

/** An exposure time of so many microseconds, as photographers say it: `1/250 s`, `2 s`. */
export function exposureTime(microseconds: number): string {
  const seconds = microseconds / 1e6;
  return seconds < 0.4 ? `1/${grouped(Math.round(1 / seconds))} s` : `${oneDecimal.format(seconds)} s`;
}

/** A gain, `1.1`. */
export function gain(value: number): string {
  return oneDecimal.format(value);
}

function two(value: number): string {
  return `${value}`.padStart(2, '0');
}
