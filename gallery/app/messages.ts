import * as z from 'zod/mini';
import { type Filter, readFilter } from './filter';

// Compiled validators need `new Function`, which the page's Content-Security-Policy forbids.
z.config({ jitless: true });

const imageSchema = z.object({
  id: z.string(),
  camera: z.string(),
  timestamp_ms: z.number(),
  expires_at: z.nullable(z.string()),
  ttl: z.nullable(z.number()),
  size: z.number(),
  width: z.nullable(z.number()),
  height: z.nullable(z.number()),
  lux: z.nullable(z.number()),
  sequence: z.number(),
  trigger: z.string(),
  trigger_source: z.string(),
  meta: z.record(z.string(), z.unknown()),
});

/** An image as the page knows it. Times are unix milliseconds, `ttl` is seconds, `size` is bytes. */
export interface Image {
  id: string;
  camera: string;
  capturedAt: number;
  /** Null if the image is kept. */
  expiresAt: number | null;
  ttl: number | null;
  size: number;
  width: number | null;
  height: number | null;
  lux: number | null;
  sequence: number;
  trigger: string;
  triggerSource: string;
  meta: Record<string, unknown>;
}

function toImage(message: z.infer<typeof imageSchema>): Image {
  return {
    id: message.id,
    camera: message.camera,
    capturedAt: message.timestamp_ms,
    expiresAt: message.expires_at === null ? null : Date.parse(message.expires_at),
    ttl: message.ttl,
    size: message.size,
    width: message.width,
    height: message.height,
    lux: message.lux,
    sequence: message.sequence,
    trigger: message.trigger,
    triggerSource: message.trigger_source,
    meta: message.meta,
  };
}

const pageSchema = z.object({
  images: z.array(imageSchema),
  next: z.nullable(z.string()),
});

/** A page of images and where the next one begins. */
export interface Page {
  images: Image[];
  next: string | null;
}

const actionsSchema = z.object({ capture: z.boolean(), pin: z.boolean(), delete: z.boolean() });
/** What the owner lets people do here. */
export type Actions = z.infer<typeof actionsSchema>;

const warningSchema = z.object({ kind: z.string(), since: z.string(), message: z.string() });
/** Something that its agent warns of; `since` is unix milliseconds. */
export interface Warning {
  kind: string;
  since: number;
  message: string;
}

const camerasSchema = z.object({
  cameras: z.array(
    z.object({
      camera: z.string(),
      images: z.number(),
      latest: z.nullable(imageSchema),
      available: z.nullable(z.boolean()),
      live: z.boolean(),
      warnings: z._default(z.array(warningSchema), []),
    }),
  ),
  actions: actionsSchema,
  now: z.number(),
});

/** A camera, its number of live images and the newest of them. `available` is null where nobody can tell. */
export interface Camera {
  name: string;
  images: number;
  latest: Image | null;
  available: boolean | null;
  /** Whether it can be looked at live. */
  live: boolean;
  warnings: Warning[];
}

const hourSchema = z.object({
  hour: z.string(),
  images: z.number(),
  motion: z.number(),
  lux: z.nullable(z.number()),
  lux_min: z.nullable(z.number()),
  lux_max: z.nullable(z.number()),
});

const statisticsSchema = z.object({ cameras: z.array(z.object({ camera: z.string(), hours: z.array(hourSchema) })) });

/** What one camera did in one hour. `hour` is the hour's start in unix milliseconds. */
export interface CameraHour {
  hour: number;
  images: number;
  motion: number;
  lux: number | null;
  luxMin: number | null;
  luxMax: number | null;
}

const failureSchema = z.object({
  camera: z.string(),
  transaction: z.nullable(z.string()),
  error: z.object({ message: z.string() }),
});

const transactionSchema = z.object({ transaction: z.nullish(z.string()) });

const pageTurnSchema = z.object({ page: z.enum(['newer', 'older', 'newest']) });
/** Which images a flow wants to see next. */
export type PageTurn = z.infer<typeof pageTurnSchema>['page'];

/** Something that happened, as it is told live. */
export type LiveEvent =
  | { kind: 'captured'; image: Image; transaction: string | null }
  | { kind: 'changed'; image: Image }
  | { kind: 'deleted'; id: string }
  | { kind: 'failed'; camera: string; transaction: string | null; message: string }
  | { kind: 'availability' }
  | { kind: 'unavailable' }
  | { kind: 'filter'; filter: Filter }
  | { kind: 'open'; id: string | null }
  | { kind: 'page'; to: PageTurn }
  | { kind: 'reset' };

/** The names under which the server tells live events. */
export const liveEventNames = [
  'captured',
  'failed',
  'pinned',
  'unpinned',
  'deleted',
  'availability',
  'unavailable',
  'reset',
] as const;

/** Reads a page of images. Throws a ZodError for anything else. */
export function parsePage(data: unknown): Page {
  const page = pageSchema.parse(data);
  return { ...page, images: page.images.map(toImage) };
}

/** Reads one image's metadata. Throws a ZodError for anything else. */
export function parseImage(data: unknown): Image {
  return toImage(imageSchema.parse(data));
}

/** Reads the list of cameras. `now` is the server's clock in unix milliseconds. */
export function parseCameras(data: unknown): { cameras: Camera[]; actions: Actions; now: number } {
  const { cameras, actions, now } = camerasSchema.parse(data);
  const read = ({ camera, latest, warnings, ...rest }: (typeof cameras)[number]): Camera => ({
    ...rest,
    warnings: warnings.map((warning) => ({ ...warning, since: Date.parse(warning.since) })),
    name: camera,
    latest: latest === null ? null : toImage(latest),
  });
  return { cameras: cameras.map(read), actions, now };
}

/** Reads the statistics: every hour of every camera. */
export function parseStatistics(data: unknown): CameraHour[] {
  return statisticsSchema.parse(data).cameras.flatMap((camera) =>
    camera.hours.map((hour) => ({
      hour: Date.parse(hour.hour),
      images: hour.images,
      motion: hour.motion,
      lux: hour.lux,
      luxMin: hour.lux_min,
      luxMax: hour.lux_max,
    })),
  );
}

const countsSchema = z.object({ counts: z.array(z.tuple([z.number(), z.number()])) });

/** Reads how many images there are in each stretch of time; `start` is unix milliseconds. */
export function parseCounts(data: unknown): { start: number; images: number }[] {
  return countsSchema.parse(data).counts.map(([start, images]) => ({ start, images }));
}

/** Reads the answer to a capture asked for: its transaction. */
export function parseTransaction(data: unknown): string {
  return z.object({ transaction: z.string() }).parse(data).transaction;
}

/** What the server says went wrong, or undefined if it says nothing. `code` is empty where it gives none. */
export function parseError(data: unknown): { code: string; message: string } | undefined {
  const schema = z.object({ error: z.object({ code: z._default(z.string(), ''), message: z.string() }) });
  return schema.safeParse(data).data?.error;
}

const filterSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

function parseFilter(data: unknown): Filter {
  const given = Object.entries(filterSchema.parse(data)).filter(([, value]) => value !== null);
  return readFilter(new URLSearchParams(given.map(([name, value]) => [name, `${value}`])));
}

/** Reads a live event. Returns undefined for a name that this page does not know: newer servers may tell more. */
export function parseLiveEvent(name: string, data: unknown): LiveEvent | undefined {
  switch (name) {
    case 'captured':
      return {
        kind: 'captured',
        image: parseImage(data),
        transaction: transactionSchema.parse(data).transaction ?? null,
      };
    case 'pinned':
    case 'unpinned':
      return { kind: 'changed', image: parseImage(data) };
    case 'deleted':
      return { kind: 'deleted', id: z.object({ id: z.string() }).parse(data).id };
    case 'failed': {
      const { camera, transaction, error } = failureSchema.parse(data);
      return { kind: 'failed', camera, transaction, message: error.message };
    }
    case 'availability':
      return { kind: 'availability' };
    case 'unavailable':
      return { kind: 'unavailable' };
    // A flow chooses what a widget shows.
    case 'filter':
      return { kind: 'filter', filter: parseFilter(data) };
    case 'open':
      return { kind: 'open', id: z.object({ open: z.nullable(z.string()) }).parse(data).open };
    case 'page':
      return { kind: 'page', to: pageTurnSchema.parse(data).page };
    case 'reset':
      return { kind: 'reset' };
    default:
      return undefined;
  }
}
