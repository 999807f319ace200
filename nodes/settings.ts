import { z } from 'zod';
import { readValue } from './node-error';

/** A field of the editor that may be left empty. */
export function optionalField<T>(schema: z.ZodType<T>) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());
}

/** A base topic: without wildcards, and without slashes at its ends. */
export const baseTopicSchema = z
  .string()
  .regex(/^[^/#+\s][^#+\s]*$/, 'a base topic has no wildcards and no spaces')
  .transform((topic) => topic.replace(/\/+$/, ''));

/** Settings as the editor or an imported flow has them, or what is wrong with them, in words. */
export function readSettings<T>(
  schema: z.ZodType<T>,
  definition: object,
): { settings: T; problem: null } | { settings: null; problem: string } {
  try {
    return { settings: readValue(schema, definition, ''), problem: null };
  } catch (error) {
    return { settings: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
