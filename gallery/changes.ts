import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { LuxcamError } from '../core/luxcam-error';
import type { CameraControl, Gallery, Permissions } from './gallery';

const doings: Record<keyof Permissions, string> = {
  capture: 'Taking pictures',
  pin: 'Keeping images',
  delete: 'Deleting images',
};

/**
 * Checks that a visitor may change something: that the owner allowed it, and that the request comes from a page of
 * this server (or from no browser at all). Throws a LuxcamError `not_allowed`.
 */
export function checkMayChange(gallery: Gallery, doing: keyof Permissions, request: Request): void {
  if (!gallery.permissions[doing]) {
    const text = `${doings[doing]} is not allowed here: the owner of the gallery can allow it in its settings`;
    throw new LuxcamError('not_allowed', text);
  }
  if (isForeign(request))
    throw new LuxcamError(
      'not_allowed',
      'The request comes from a page of another site. If a proxy stands in between, let it pass on the Host header',
    );
}

/** Whether the request is declared as JSON: a form of another site can't do that. */
export function isJson(request: Request): boolean {
  // Not `request.is`: it says no to a request without a body.
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

/** Browsers tell where a request comes from, over plain http by its Origin alone; other programs say nothing. */
function isForeign(request: Request): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/**
 * Asks a camera for a picture. Returns the transaction that its announcement will carry.
 * Throws a LuxcamError: `not_found` for a camera that nobody knows, `camera_failed` if its agent is
 * offline, `broker_unavailable` if it can't be asked now.
 */
export async function askForCapture({ store, control }: Gallery, camera: string): Promise<string> {
  const heardOf = (control?.available(camera) ?? null) !== null;
  if (!heardOf && !(await store.cameras()).includes(camera))
    throw new LuxcamError('not_found', `There is no camera ${camera}`);
  const transaction = randomUUID();
  await askControl(control, camera, transaction);
  return transaction;
}

async function askControl(control: CameraControl | null, camera: string, transaction: string): Promise<void> {
  if (control === null)
    throw new LuxcamError('broker_unavailable', 'This gallery has no broker to ask a camera through');
  try {
    await control.capture(camera, transaction);
  } catch (cause) {
    if (cause instanceof LuxcamError) throw cause;
    throw new LuxcamError('broker_unavailable', `The camera ${camera} can not be asked: the broker is away`, { cause });
  }
}
