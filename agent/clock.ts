import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What the clocks of this machine showed at one moment. */
export const clockReadingSchema = z.object({
  /** Unix milliseconds by the machine's clock, which may be wrong and may be set. */
  time: z.number(),
  /** Milliseconds since the machine has started, by a clock that is never set. */
  uptime: z.number(),
  /** Names this start of the machine. */
  boot: z.string(),
});
export type ClockReading = z.infer<typeof clockReadingSchema>;

/** Reads the clocks. On Linux the uptime includes the time that the machine slept. */
export function readClock(): ClockReading {
  return { time: Date.now(), uptime: uptime(), boot: bootId() };
}

/**
 * By how much the machine's clock was set since a reading, in milliseconds: what to add to a time from then to have it
 * in today's clock. 0 if the machine was started anew, for then nobody can tell.
 */
export function clockSetSince(then: ClockReading, now = readClock()): number {
  if (then.boot !== now.boot) return 0;
  const set = now.time - now.uptime - (then.time - then.uptime);
  // Clocks are nudged all the time; only a jump is worth a correction.
  return Math.abs(set) > 2000 ? Math.round(set) : 0;
}

function uptime(): number {
  const [seconds] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return Number(seconds) * 1000;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
