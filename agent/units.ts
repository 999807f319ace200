import { z } from 'zod';

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytes = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** Reads a duration such as `100ms`, `30s`, `5m`, `1h` or `7d` from text; its value is in milliseconds. */
export const durationSchema = quantity(
  milliseconds,
  'a duration is a number and one of ms, s, m, h, d: for example 30s',
);

/** Reads a size such as `64KB` or `512MB` from text; its value is in bytes, 1 KB being 1,024 of them. */
export const sizeSchema = quantity(bytes, 'a size is a number and one of B, KB, MB, GB: for example 512MB');

const percentMessage = 'a share is a number of percent from 1% to 100%: for example 80%';

/** Reads a share such as `80%` from text; its value is in percent. */
export const percentSchema = z
  .string(percentMessage)
  .regex(/^(100|[1-9]\d?) ?%$/, percentMessage)
  .transform((text) => Number.parseInt(text, 10));

function quantity(units: Record<string, number>, message: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${Object.keys(units).join('|')})$`);
  return z
    .string(message)
    .regex(pattern, message)
    .transform((text) => {
      const [, amount = '', unit = ''] = text.match(pattern) ?? [];
      return Number(amount) * (units[unit] ?? 1);
    });
}
