import type { ErrorRequestHandler, Response } from 'express';
import { type ErrorCode, LuxcamError } from '../core/luxcam-error';
import { type Gallery, reportProblem } from './gallery';

const statuses: Record<ErrorCode, number> = {
  invalid_request: 400,
  not_allowed: 403,
  not_found: 404,
  camera_busy: 503,
  camera_failed: 503,
  camera_timeout: 504,
  agent_stopping: 503,
  store_unavailable: 503,
  broker_unavailable: 503,
};

/** Answers with `{"error":{"code","message"}}`. */
export function answerError(response: Response, status: number, code: string, message: string): void {
  const body = JSON.stringify({ error: { code, message } });
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
}

/**
 * The last stop of every error. The host's own handler is never reached, because Express prints stacks there, and
 * messages of file errors hold paths of this machine.
 */
export function errorHandler(lookup: () => Gallery | undefined): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const gallery = lookup();
    if (response.headersSent) {
      reportProblem(gallery, error);
      response.destroy();
    } else if (error instanceof LuxcamError) {
      answerError(response, statuses[error.code], error.code, withoutPath(error.message, gallery));
    } else if (error instanceof URIError) {
      answerError(response, 400, 'invalid_request', 'The address can not be read: a % in it is not followed by a code');
    } else if (isRefusedFile(error)) {
      answerError(
        response,
        error.status,
        'invalid_request',
        'The request asks for a part or a version of a file that is not there',
      );
    } else {
      reportProblem(gallery, error);
      answerError(response, 500, 'internal_error', 'Something went wrong in the gallery; its log tells what');
    }
  };
}

/** What Express says of a Range or an If-Match that does not fit a file. */
function isRefusedFile(error: unknown): error is { status: number } {
  return error instanceof Error && 'status' in error && (error.status === 412 || error.status === 416);
}

/** Where Redis listens on a unix socket, its address is a path of this machine, which is nobody's business. */
function withoutPath(message: string, gallery: Gallery | undefined): string {
  const address = gallery?.store.connection.address ?? '';
  return address.startsWith('/') ? message.replaceAll(address, 'its socket') : message;
}
