import { z } from 'zod';
import { cameraNameSchema, imageIdSchema, triggerNames } from '../core/image';
import type { ImageFilter, ImageQuery } from '../core/image-list';
import { LuxcamError } from '../core/luxcam-error';

const milliseconds = /^\d{1,15}$/;
const timeSchema = z
  .union([z.string().regex(milliseconds), z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a time such as 2026-06-09T10:13:20Z, or unix milliseconds',
  })
  .transform((text) => (milliseconds.test(text) ? Number(text) : Date.parse(text)));

const luxSchema = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be a number such as 268 or 0.5')
  .transform(Number);

const statisticsSchema = z.strictObject({
  camera: cameraNameSchema.optional(),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
});

const choiceSchema = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');

/** The hours are most of the answer, and not everybody wants them. */
const statisticsQuerySchema = statisticsSchema.extend({ hours: choiceSchema.prefault('true') });

const filterSchema = statisticsSchema.extend({
  trigger: z.enum(triggerNames, { error: `must be one of ${triggerNames.join(', ')}` }).optional(),
  lux_min: luxSchema.optional(),
  lux_max: luxSchema.optional(),
  pinned: choiceSchema.optional(),
});

const imagesSchema = filterSchema.extend({
  limit: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be 1 to 200')
    .transform(Number)
    .optional(),
  cursor: imageIdSchema.optional(),
  total: choiceSchema.prefault('true'),
});

const countsSchema = filterSchema.extend({
  minutes: z
    .string()
    .regex(/^([1-6]|10|12|15|20|30|60)$/, 'must divide an hour: 1 to 6, 10, 12, 15, 20, 30 or 60')
    .transform(Number)
    .optional(),
});

const liveSchema = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the number of a frame')
    .transform(Number)
    .default(0),
  wait: z
    .string()
    .regex(/^([1-9]|1\d|20)$/, 'must be 1 to 20 seconds')
    .transform(Number)
    .default(20),
});

/** Which images to add up, and whether by the hour too. Times are unix milliseconds, both ends included. */
export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>;

/** Reads the parameters of `api/images`. Throws a LuxcamError `invalid_request` that names what is wrong. */
export function readImageQuery(url: string): ImageQuery {
  const { limit = 50, cursor, total, ...filter } = readParameters(imagesSchema, url);
  return { ...toFilter(filter), limit, cursor, ...(!total && { total }) };
}

/** Reads the parameters of `api/counts`; `length` is that of a stretch in milliseconds. Throws as the above does. */
export function readCountsQuery(url: string): { filter: ImageFilter; length: number } {
  const { minutes = 60, ...filter } = readParameters(countsSchema, url);
  return { filter: toFilter(filter), length: minutes * 60_000 };
}

function toFilter({ camera, lux_min: luxMin, lux_max: luxMax, ...rest }: z.infer<typeof filterSchema>): ImageFilter {
  return { ...rest, ...(camera !== undefined && { cameras: [camera] }), luxMin, luxMax };
}

/** Reads the parameters of `api/stats`. Throws as {@link readImageQuery} does. */
export function readStatisticsQuery(url: string): StatisticsQuery {
  return readParameters(statisticsQuerySchema, url);
}

/**
 * Reads the parameters of a live frame: the number that it has to be above, and how many seconds to wait for it.
 * Throws as {@link readImageQuery} does.
 */
export function readLiveQuery(url: string): { after: number; wait: number } {
  return readParameters(liveSchema, url);
}

/** An image's id from an address. Throws a LuxcamError `invalid_request` if it can't be one. */
export function readImageId(text: unknown): string {
  return readPart(imageIdSchema, text);
}

/** A camera's name from an address. Throws a LuxcamError `invalid_request` if it can't be one. */
export function readCameraName(text: unknown): string {
  return readPart(cameraNameSchema, text);
}

function readPart<T>(schema: z.ZodType<T>, text: unknown): T {
  const part = schema.safeParse(text);
  if (part.success) return part.data;
  throw new LuxcamError('invalid_request', `'${shorten(String(text))}': ${part.error.issues[0]?.message}`);
}

// Not the host's own parser: Express 4 makes objects of `camera[a]=b`, and Node-RED's is an Express 4.
function readParameters<T>(schema: z.ZodType<T>, url: string): T {
  const parameters = new URLSearchParams(url.split('?')[1]);
  const twice = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1);
  if (twice !== undefined) throw new LuxcamError('invalid_request', `${shorten(twice)} is given more than once`);
  const query = schema.safeParse(Object.fromEntries(parameters));
  if (query.success) return query.data;
  const problems = query.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `there is no parameter ${issue.keys.map(shorten).join(', ')}`;
    const name = issue.path.join('.');
    return `${name}=${shorten(parameters.get(name) ?? '')}: ${issue.message}`;
  });
  throw new LuxcamError('invalid_request', problems.join('; '));
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
