import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { z } from 'zod';

/** What a typed input of the editor holds: a value, and what it is (`str`, `msg`, `flow`, `env`, ...). */
export interface TypedValue {
  value: string;
  type: string;
}

/** The value of a typed input as a flow holds it: a number may stand there as one. */
export const typedText = z.union([z.string(), z.number().transform(String)]);

/** A number that an environment variable or a text field may hold as text. Empty or absent: undefined. */
export function optionalNumber(schema: z.ZodType<number>) {
  return z.preprocess((value) => (typeof value === 'string' ? numberIn(value) : value), schema.optional());
}

function numberIn(text: string): number | string | undefined {
  if (text.trim() === '') return undefined;
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** Evaluates a typed input for a message. An absent property or an empty text is undefined. */
export function evaluate(RED: NodeAPI, node: Node, { value, type }: TypedValue, msg: NodeMessage): Promise<unknown> {
  if (value === '') return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(value, type, node, msg, (error: Error | null, result: unknown) => {
      if (error) reject(error);
      else resolve(result === '' || result === null ? undefined : result);
    });
  });
}
