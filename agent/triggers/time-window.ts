import { z } from 'zod';

/** A part of the day by the local clock, in minutes from midnight: from the first, up to but not including the other. */
export interface TimeWindow {
  from: number;
  to: number;
}

const pattern = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/;
const message = 'a window is two different times of the day, for example 06:00-22:00 or, past midnight, 22:00-06:00';

/** Reads a window such as `06:00-22:00` from text. One that ends before it begins crosses midnight. */
export const timeWindowSchema = z
  .string(message)
  .regex(pattern, message)
  .transform((text): TimeWindow => {
    const [, fromHour, fromMinute, toHour, toMinute] = (text.match(pattern) ?? []).map(Number);
    return { from: minutes(fromHour, fromMinute), to: minutes(toHour, toMinute) };
  })
  .refine(({ from, to }) => from !== to, message);

/** Whether a time lies in a window by this machine's local clock; without a window it always does. */
export function isWithin(window: TimeWindow | undefined, time: Date): boolean {
  if (window === undefined) return true;
  const { from, to } = window;
  const now = minutes(time.getHours(), time.getMinutes());
  return from < to ? from <= now && now < to : from <= now || now < to;
}

function minutes(hour = 0, minute = 0): number {
  return hour * 60 + minute;
}
