import type { Node, NodeAPI, NodeMessage } from 'node-red';

/** What a typed input of the editor holds: a value, and what it is (`str`, `msg`, `flow`, `env`, ...). */
export interface TypedValue {
  value: string;
  type: string;
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
