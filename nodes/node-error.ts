import { z } from 'zod';
import { LuxcamError, messageOf } from '../core/luxcam-error';

/** The error of a node as a catch node gets it: `msg.error.code`, and `msg.error.message` in plain words. */
export class NodeError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    // Node-RED shows `${name}: ${message}`. The message alone reads better.
    this.name = '';
    this.code = code;
  }
}

/** Whatever was thrown, as the error to hand to `done`. */
export function toNodeError(error: unknown): NodeError {
  if (error instanceof NodeError) return error;
  if (error instanceof z.ZodError) return new NodeError('invalid_request', z.prettifyError(error));
  return new NodeError(error instanceof LuxcamError ? error.code : 'internal_error', messageOf(error));
}

/** Reads a value from a message or a setting. Throws a NodeError `invalid_request` that names what was wrong; `name` is where it stands. */
export function readValue<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const place = (path: PropertyKey[]) => [name, ...path].filter((part) => part !== '').join('.');
  const problems = read.error.issues.map(({ path, message }) => `${place(path)}: ${message}`);
  throw new NodeError('invalid_request', problems.join('; '));
}
