/** Numbers from 0 to 1 that look like chance, and are always the same for one seed (mulberry32 over an FNV-1a hash). */
export function chance(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** One of the options, picked by chance. */
export function pick<T>(random: () => number, options: readonly [T, ...T[]]): T {
  return options[Math.floor(random() * options.length)] ?? options[0];
}

/** A value from 0 to 1 that wanders smoothly with `position`: it has a new goal at every whole number. */
export function drift(seed: string, position: number): number {
  const whole = Math.floor(position);
  const share = position - whole;
  const from = chance(`${seed}:${whole}`)();
  const to = chance(`${seed}:${whole + 1}`)();
  return from + (to - from) * share * share * (3 - 2 * share);
}
