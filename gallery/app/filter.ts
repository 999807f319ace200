import type { Image } from './messages';

/** What can start a capture, as the filter offers it. */
export const triggers = ['motion', 'button', 'timer', 'gpio', 'command', 'node', 'shell', 'adopted'] as const;

/** Which images are shown. What is null (or, for the camera, empty) narrows nothing. */
export interface Filter {
  camera: string;
  trigger: string | null;
  /** Capture time in unix milliseconds, both ends included. */
  from: number | null;
  to: number | null;
  luxMin: number | null;
  luxMax: number | null;
  /** Only images that are kept, or only those that are not. */
  pinned: boolean | null;
}

/** All images there are, or all of one camera. */
export function wholeFilter(camera = ''): Filter {
  return { camera, trigger: null, from: null, to: null, luxMin: null, luxMax: null, pinned: null };
}

/** Whether two filters ask for the same. */
export function sameFilter(one: Filter, other: Filter): boolean {
  return JSON.stringify(filterParameters(one)) === JSON.stringify(filterParameters(other));
}

/** How many things the filter asks for besides the camera. */
export function narrowings({ trigger, from, to, luxMin, luxMax, pinned }: Filter): number {
  const asked = [trigger !== null, from !== null || to !== null, luxMin !== null || luxMax !== null, pinned !== null];
  return asked.filter(Boolean).length;
}

/** Whether the filter shows an image; the server judges in the same way. */
export function matches(filter: Filter, image: Image): boolean {
  const { camera, trigger, from, to, luxMin, luxMax, pinned } = filter;
  if (camera !== '' && image.camera !== camera) return false;
  if (trigger !== null && image.trigger !== trigger) return false;
  if (image.capturedAt < (from ?? 0) || image.capturedAt > (to ?? Number.POSITIVE_INFINITY)) return false;
  if (pinned !== null && (image.expiresAt === null) !== pinned) return false;
  if (luxMin === null && luxMax === null) return true;
  return image.lux !== null && image.lux >= (luxMin ?? 0) && image.lux <= (luxMax ?? Number.POSITIVE_INFINITY);
}

/** The filter in the words of the page's address and of the HTTP API; times are ISO 8601. */
export function filterParameters(filter: Filter): Record<string, string> {
  const { camera, trigger, from, to, luxMin, luxMax, pinned } = filter;
  return {
    ...(camera !== '' && { camera }),
    ...(trigger !== null && { trigger }),
    ...(from !== null && { from: new Date(from).toISOString() }),
    ...(to !== null && { to: new Date(to).toISOString() }),
    ...(luxMin !== null && { lux_min: `${luxMin}` }),
    ...(luxMax !== null && { lux_max: `${luxMax}` }),
    ...(pinned !== null && { pinned: `${pinned}` }),
  };
}

/** Reads what {@link filterParameters} writes. What can't be read is left out, and so narrows nothing. */
export function readFilter(parameters: URLSearchParams): Filter {
  const trigger = triggers.find((name) => name === parameters.get('trigger'));
  const pinned = { true: true, false: false }[parameters.get('pinned') ?? ''];
  return {
    camera: /^[a-z0-9][a-z0-9_-]{0,63}$/.exec(parameters.get('camera') ?? '')?.[0] ?? '',
    trigger: trigger ?? null,
    from: time(parameters.get('from')),
    to: time(parameters.get('to')),
    luxMin: lux(parameters.get('lux_min')),
    luxMax: lux(parameters.get('lux_max')),
    pinned: pinned ?? null,
  };
}

/** A time as it is written for people in an address or a message: ISO 8601, or unix milliseconds. */
function time(text: string | null): number | null {
  const value = /^\d{1,15}$/.test(text ?? '') ? Number(text) : Date.parse(text ?? '');
  return Number.isFinite(value) && value >= 0 && value < 8.64e15 ? value : null;
}

function lux(text: string | null): number | null {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text ?? '') ? Number(text) : null;
}
