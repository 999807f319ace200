import { z } from 'zod';
import { type Meta, metaSchema, type NewImage, parseImageId, type StoredImage, triggerNames } from './image';
import { parseJson } from './messages';

/** The fields of an image's hash that describe it: all but the bytes and the thumbnail. */
export const descriptionFields = [
  'camera',
  'agent',
  'timestamp',
  'timestamp_ms',
  'expires_at',
  'ttl',
  'mime_type',
  'size',
  'width',
  'height',
  'lux',
  'sequence',
  'sha256',
  'trigger',
  'trigger_source',
  'meta',
] as const;

/** A value as node-redis hands it out, depending on its type mapping. */
export type HashValue = string | Buffer | null;

/** The description that an image gets when it is stored under an id. */
export function describeNewImage(image: NewImage, place: { id: string; key: string; sequence: number }): StoredImage {
  const { capturedAt } = parseImageId(place.id);
  return {
    id: place.id,
    key: place.key,
    camera: image.camera,
    agent: image.agent,
    capturedAt,
    expiresAt: capturedAt + image.ttl * 1000,
    ttl: image.ttl,
    mimeType: image.mimeType,
    size: image.bytes.length,
    width: image.width ?? null,
    height: image.height ?? null,
    lux: image.lux ?? null,
    sequence: place.sequence,
    sha256: image.sha256,
    trigger: image.trigger,
    triggerSource: image.triggerSource,
    meta: image.meta,
  };
}

/** The hash of an image: its description, its bytes and its thumbnail. What is not known has no field. */
export function encodeImageHash(
  image: StoredImage,
  bytes: Buffer,
  thumbnail?: Buffer,
): Record<string, string | Buffer> {
  return {
    image_data: bytes,
    timestamp: `${Math.floor(image.capturedAt / 1000)}`,
    mime_type: image.mimeType,
    ...(image.lux !== null && { lux: `${image.lux}` }),
    timestamp_ms: `${image.capturedAt}`,
    expires_at: `${image.expiresAt ?? 0}`,
    ttl: `${image.ttl}`,
    camera: image.camera,
    agent: image.agent,
    trigger: image.trigger,
    trigger_source: image.triggerSource,
    ...(image.width !== null && { width: `${image.width}` }),
    ...(image.height !== null && { height: `${image.height}` }),
    size: `${image.size}`,
    sequence: `${image.sequence}`,
    sha256: image.sha256,
    ...(thumbnail && { thumbnail_data: thumbnail }),
    meta: JSON.stringify(image.meta),
  };
}

// Whoever may write to Redis may write nonsense there. A field that can't be read counts as unknown, so that
// one odd hash never hides the images beside it.
const numberField = z.string().min(1).pipe(z.coerce.number());
// Unix milliseconds that a Date can hold, as ECMAScript's section on Time Values says.
const timeField = numberField.refine((time) => time >= 0 && time <= 8.64e15);
const hashSchema = z.object({
  agent: z.string().catch(''),
  expires_at: timeField.catch(0),
  ttl: numberField.catch(0),
  mime_type: z.string().catch('application/octet-stream'),
  size: numberField.catch(0),
  width: numberField.nullable().catch(null),
  height: numberField.nullable().catch(null),
  lux: numberField.nullable().catch(null),
  sequence: numberField.catch(0),
  sha256: z.string(),
  trigger: z.enum(triggerNames).catch('adopted'),
  trigger_source: z.string().catch(''),
  meta: z.string().nullable().transform(readMeta),
});

/**
 * Reads an image's description from the values of {@link descriptionFields}, in that order.
 * Returns null where there is no image: it has expired, or its writer has only claimed the id.
 */
export function decodeDescription(id: string, key: string, values: readonly HashValue[]): StoredImage | null {
  const fields = Object.fromEntries(descriptionFields.map((field, at) => [field, values[at]?.toString() ?? null]));
  const hash = hashSchema.safeParse(fields);
  if (!hash.success) return null;
  const { camera, capturedAt } = parseImageId(id);
  return {
    id,
    key,
    camera,
    agent: hash.data.agent,
    capturedAt,
    expiresAt: hash.data.expires_at === 0 ? null : hash.data.expires_at,
    ttl: hash.data.ttl,
    mimeType: hash.data.mime_type,
    size: hash.data.size,
    width: hash.data.width,
    height: hash.data.height,
    lux: hash.data.lux,
    sequence: hash.data.sequence,
    sha256: hash.data.sha256,
    trigger: hash.data.trigger,
    triggerSource: hash.data.trigger_source,
    meta: hash.data.meta,
  };
}

function readMeta(text: string | null): Meta {
  try {
    return parseJson(metaSchema, text ?? '{}');
  } catch {
    return {};
  }
}
