import { z } from 'zod';
import { cameraNameSchema, imageIdSchema, metaSchema, type NewImage, type StoredImage, triggerNames } from './image';
import { LuxcamError } from './luxcam-error';
import type { RedisMemory } from './redis-memory';

/** The version of the announcements' format. */
const version = 1;

/** Which picture of how many of a burst this is. */
export const burstPositionSchema = z.object({ index: z.number().int().min(1), of: z.number().int().min(1) });

/** What an announcement says of an image: the same names in Redis' events, over MQTT and over HTTP. */
export const imageMessageSchema = z.object({
  id: imageIdSchema,
  key: z.string(),
  camera: cameraNameSchema,
  agent: z.string(),
  captured_at: z.iso.datetime(),
  timestamp: z.number().int(),
  timestamp_ms: z.number().int(),
  expires_at: z.iso.datetime().nullable(),
  ttl: z.number().nullable(),
  mime_type: z.string(),
  size: z.number().int(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  lux: z.number().nullable(),
  sequence: z.number().int(),
  sha256: z.string(),
  trigger: z.enum(triggerNames),
  trigger_source: z.string(),
  meta: metaSchema,
});
export type ImageMessage = z.infer<typeof imageMessageSchema>;

const requestFields = { transaction: z.string().nullable(), burst: burstPositionSchema.optional() };

const capturedSchema = imageMessageSchema.extend({
  v: z.literal(version),
  event: z.literal('captured'),
  ...requestFields,
  replayed: z.boolean(),
});

const failedSchema = z.object({
  v: z.literal(version),
  event: z.literal('failed'),
  camera: cameraNameSchema,
  agent: z.string(),
  timestamp_ms: z.number().int(),
  trigger: z.enum(triggerNames),
  trigger_source: z.string(),
  ...requestFields,
  error: z.object({ code: z.string(), message: z.string() }),
});

const spooledSchema = failedSchema.omit({ event: true, error: true }).extend({ event: z.literal('spooled') });

const changedSchema = imageMessageSchema.extend({
  v: z.literal(version),
  event: z.enum(['pinned', 'unpinned', 'deleted']),
});

/** What is said on `<base>/<camera>/event`, and lies in Redis' `events` and `outbox` streams. */
export const announcementSchema = z.discriminatedUnion('event', [
  capturedSchema,
  failedSchema,
  spooledSchema,
  changedSchema,
]);
export type Announcement = z.infer<typeof announcementSchema>;
export type CapturedAnnouncement = z.infer<typeof capturedSchema>;
export type FailedAnnouncement = z.infer<typeof failedSchema>;

/** How many pictures one request may ask for. */
export const burstLimit = 100;

/** A time to live on the wire, in seconds: up to ten years. */
export const ttlSchema = z.number().positive().max(315_360_000);

/** What may stand in a message on `<base>/<camera>/capture`. An empty message asks for one picture as configured. */
export const captureCommandSchema = z.strictObject({
  transaction: z.string().min(1).max(200).optional(),
  ttl: ttlSchema.optional(),
  burst: z.number().int().min(1).max(burstLimit).optional(),
  meta: metaSchema.optional(),
});
export type CaptureCommand = z.infer<typeof captureCommandSchema>;

/** How large a capture command may be, in bytes: what is asked for with a picture is said again with each announcement. */
export const largestCommand = 16 * 1024;

/** A capture command as it is sent. Throws a LuxcamError `invalid_request` if no agent would take one so large. */
export function captureCommandText(command: CaptureCommand): string {
  const text = JSON.stringify(command);
  const size = Buffer.byteLength(text);
  if (size <= largestCommand) return text;
  const limit = `${largestCommand} bytes are the limit`;
  throw new LuxcamError(
    'invalid_request',
    `A request of ${size} bytes is too large, ${limit}: put less into its meta.`,
  );
}

/** What may be sent to `<base>/<camera>/set/<setting>`: text, read as seconds or ON/OFF. */
export const settingSchemas = {
  interval: z.coerce.number().min(0.1).max(31_536_000),
  ttl: z.coerce.number().positive().max(315_360_000),
  timer: z.enum(['ON', 'OFF']),
} as const;

/** `online` or `offline`, of an agent and of a camera. */
export const availabilitySchema = z.enum(['online', 'offline']);
export type Availability = z.infer<typeof availabilitySchema>;

/** What an operator wants to be told of a camera, while it is so: newer agents may know more kinds. */
export const warningSchema = z.object({
  /** `silent`, `spool` or `memory`. */
  kind: z.string(),
  /** When it began. */
  since: z.iso.datetime(),
  message: z.string(),
});
export type Warning = z.infer<typeof warningSchema>;

/** Redis' memory in bytes; `maxmemory` is 0 and `room` null where there is no limit. */
export const redisMemorySchema = z.object({
  used_memory: z.number(),
  maxmemory: z.number(),
  room: z.number().nullable(),
});
export type RedisMemoryMessage = z.infer<typeof redisMemorySchema>;

/** What stands retained on `<base>/<camera>/state`. Newer agents may add to it. */
export const stateSchema = z.looseObject({
  agent: z.string(),
  lux: z.number().nullable(),
  motion: z.enum(['ON', 'OFF']).nullable(),
  timer: z.enum(['ON', 'OFF']),
  interval: z.number().nullable(),
  ttl: z.number(),
  last_capture: z.iso.datetime().nullable(),
  captures: z.number().int(),
  failures: z.number().int(),
  /** How many images wait on disk, and how many were dropped there for want of room. */
  spooled: z.number().int(),
  dropped: z.number().int().default(0),
  /** How many bytes of the disk those that wait take. */
  spool_bytes: z.number().int().default(0),
  /** What lies in Redis of the camera, as looked at about once a minute; null as long as that is not known. */
  images: z.number().int().nullable().default(null),
  bytes: z.number().nullable().default(null),
  images_per_minute: z.number().nullable().default(null),
  /** In seconds, of the images that expire. */
  mean_time_left: z.number().nullable().default(null),
  redis: redisMemorySchema.nullable().default(null),
  warnings: z.array(warningSchema).default([]),
});
export type CameraState = z.infer<typeof stateSchema>;

/** Redis' memory in the wire's words. */
export function toRedisMemoryMessage({ used, limit, room }: RedisMemory): RedisMemoryMessage {
  return { used_memory: used, maxmemory: limit, room };
}

/** A stored image in the wire's words. */
export function toImageMessage(image: StoredImage): ImageMessage {
  return {
    id: image.id,
    key: image.key,
    camera: image.camera,
    agent: image.agent,
    captured_at: new Date(image.capturedAt).toISOString(),
    timestamp: Math.floor(image.capturedAt / 1000),
    timestamp_ms: image.capturedAt,
    expires_at: image.expiresAt === null ? null : new Date(image.expiresAt).toISOString(),
    ttl: image.expiresAt === null ? null : image.ttl,
    mime_type: image.mimeType,
    size: image.size,
    width: image.width,
    height: image.height,
    lux: image.lux,
    sequence: image.sequence,
    sha256: image.sha256,
    trigger: image.trigger,
    trigger_source: image.triggerSource,
    meta: image.meta,
  };
}

/** The announcement of an image that has just been stored. */
export function capturedAnnouncement(
  image: StoredImage,
  request: { transaction: string | null; burst?: { index: number; of: number } },
  replayed: boolean,
): CapturedAnnouncement {
  return {
    v: version,
    event: 'captured',
    ...toImageMessage(image),
    transaction: request.transaction,
    ...(request.burst && { burst: request.burst }),
    replayed,
  };
}

/** The announcement that an image was pinned, unpinned or deleted. */
export function changedAnnouncement(event: 'pinned' | 'unpinned' | 'deleted', image: StoredImage): Announcement {
  return { v: version, event, ...toImageMessage(image) };
}

/** The announcement that a capture failed. `timestamp_ms` is the time of the failure. */
export function failedAnnouncement(failure: Omit<FailedAnnouncement, 'v' | 'event'>): FailedAnnouncement {
  return { v: version, event: 'failed', ...failure };
}

/** The announcement that an image waits on disk for Redis. */
export function spooledAnnouncement(image: NewImage): Announcement {
  const { camera, agent, trigger, transaction, burst } = image;
  return {
    v: version,
    event: 'spooled',
    camera,
    agent,
    timestamp_ms: image.capturedAt,
    trigger,
    trigger_source: image.triggerSource,
    transaction,
    ...(burst && { burst }),
  };
}

/** Reads JSON text against a schema. Throws a ZodError, or a SyntaxError where it is not JSON. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T {
  return schema.parse(JSON.parse(text));
}
