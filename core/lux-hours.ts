/** How many bands of lux an hour has in the index by hour and light. */
export const bandsPerHour = 4096;

/** Hours are counted from the beginning of unix time. */
export const hourMilliseconds = 3_600_000;

/** Each doubling of the light is this many bands. */
const bandsPerDoubling = 128;

/** The band of a lux: the brighter, the higher. */
export function bandOf(lux: number): number {
  return Math.min(bandsPerHour - 1, Math.max(0, Math.floor(Math.log2(1 + lux) * bandsPerDoubling)));
}

/** Where an image stands in the index by hour and light: first its hour, then its light. `capturedAt` in unix milliseconds. */
export function hourScore(capturedAt: number, lux: number): number {
  return Math.floor(capturedAt / hourMilliseconds) * bandsPerHour + bandOf(lux);
}
