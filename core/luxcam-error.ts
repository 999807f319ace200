/** The codes of luxcam's errors, as they appear on the wire and in the `code` of an error. */
export const errorCodes = [
  'camera_busy',
  'camera_failed',
  'camera_timeout',
  'agent_stopping',
  'store_unavailable',
  'broker_unavailable',
  'invalid_request',
  'not_found',
  'not_allowed',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error that a person or another program is told about: a stable code, and a message that says
 * what happened, to what, and what to do. Secrets never stand in the message.
 */
export class LuxcamError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LuxcamError';
    this.code = code;
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's own message names a line of its source; its reason is what tells a person anything.
  const fromOpenssl = 'code' in error && `${error.code}`.startsWith('ERR_SSL_');
  return fromOpenssl && 'reason' in error ? `${error.reason}` : error.message;
}
