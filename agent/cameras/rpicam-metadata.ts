/**
 * Reads a record of `--metadata-format txt`: a line `Name=value` for each control of libcamera, then an empty line.
 * Lux is told apart; other single numbers become numbers, and everything else (lists, rectangles) stays text.
 */
export function readRpicamMetadata(text: string): { lux?: number; metadata: Record<string, string | number> } {
  const metadata: Record<string, string | number> = {};
  let lux: number | undefined;
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^(\w+)=(.*?)\s*$/.exec(line) ?? [];
    if (name === '') continue;
    const number = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
    // A number that JavaScript can't hold exactly, such as a time in nanoseconds might be, stays text.
    const exact = number !== undefined && (!Number.isInteger(number) || Number.isSafeInteger(number));
    if (name === 'Lux' && number !== undefined) lux = number;
    else metadata[name] = exact ? number : value;
  }
  return { lux, metadata };
}
