const number = new Intl.NumberFormat('en');
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const monthAndYear = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });

const longDay = withAndWithoutYear({ weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = withAndWithoutYear({ weekday: 'short', day: 'numeric', month: 'short' });
const dayAndMonth = withAndWithoutYear({ day: 'numeric', month: 'short' });

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** The calendar's mean. */
const year = 365.2425 * day;
const month = year / 12;

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

/** `Today`, `Yesterday`, `Wed 18 Nov`, or `Mon 18 Nov 2024` where that is another year. */
export function dayName(time: number, now: number): string {
  const start = startOfDay(time);
  if (start === startOfDay(now)) return 'Today';
  // Noon, because a day can have 23 or 25 hours.
  return start === startOfDay(startOfDay(now) - day / 2) ? 'Yesterday' : shortDay(time, now);
}

/** `Friday 20 November`, `Thursday 31 December 2026` */
export function dayDate(time: number, now: number): string {
  return longDay(time, now);
}

/** `November 2026` */
export function monthName(time: number): string {
  return monthAndYear.format(time);
}

/** `16 to 22 Nov`, `30 Nov to 6 Dec`, `29 Dec 2025 to 4 Jan` */
export function shortRange(from: number, to: number, now: number): string {
  const [first, last] = [new Date(from), new Date(to)];
  if (first.getMonth() === last.getMonth()) return `${first.getDate()} to ${dayAndMonth(to, now)}`;
  // Where both days lie in one other year, it is said once, at the end.
  return `${dayAndMonth(from, first.getFullYear() === last.getFullYear() ? from : now)} to ${dayAndMonth(to, now)}`;
}

/** An age in one unit: `now`, `12 s`, `4 min`, `2 h`, `3 d`, `5 mo`, `2 y`. */
export function shortAge(age: number): string {
  if (age < second) return 'now';
  if (age < minute) return `${Math.floor(age / second)} s`;
  if (age < hour) return `${Math.floor(age / minute)} min`;
  if (age < 2 * day) return `${Math.floor(age / hour)} h`;
  if (age < 2 * month) return `${Math.floor(age / day)} d`;
  return age < 2 * year ? `${Math.floor(age / month)} mo` : `${grouped(Math.floor(age / year))} y`;
}

/** `just now`, `12 s ago` */
export function ago(age: number): string {
  return age < second ? 'just now' : `${shortAge(age)} ago`;
}

/** `just now`, `3 minutes ago`, `25 years ago` */
export function longAgo(age: number): string {
  if (age < second) return 'just now';
  if (age < minute) return `${counted(Math.floor(age / second), 'second')} ago`;
  if (age < hour) return `${counted(Math.floor(age / minute), 'minute')} ago`;
  if (age < 2 * day) return `${counted(Math.floor(age / hour), 'hour')} ago`;
  if (age < 2 * month) return `${counted(Math.floor(age / day), 'day')} ago`;
  return age < 2 * year
    ? `${counted(Math.floor(age / month), 'month')} ago`
    : `${counted(Math.floor(age / year), 'year')} ago`;
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

/** Writes dates in such a format: without their year where it is the current one. */
function withAndWithoutYear(options: Intl.DateTimeFormatOptions): (time: number, now: number) => string {
  const without = new Intl.DateTimeFormat('en-GB', options);
  const withYear = new Intl.DateTimeFormat('en-GB', { ...options, year: 'numeric' });
  return (time, now) => {
    const isCurrent = new Date(time).getFullYear() === new Date(now).getFullYear();
    return (isCurrent ? without : withYear).format(time).replace(',', '');
  };
}
