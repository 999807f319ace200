import { z } from 'zod';
import { metaSchema, type TriggerName } from '../../core/image';
import { burstLimit, ttlSchema } from '../../core/messages';
import { durationSchema } from '../units';

const countSchema = z.number().int().min(1).max(burstLimit);

/** The longest time between two pictures of a burst, in milliseconds: everything else waits behind a burst. */
const longestEvery = 60_000;

/**
 * How many pictures a fire of a trigger takes: a number, or `{ count, every }`, `every` being the time from the beginning
 * of one picture to that of the next (0: as soon as the camera can). Its value is in milliseconds.
 */
const burstSchema = z
  .union(
    [
      countSchema.transform((count) => ({ count, every: 0 })),
      z.strictObject({ count: countSchema, every: durationSchema.refine((every) => every <= longestEvery) }),
    ],
    `a burst is a number of pictures, 1 to ${burstLimit}, or one of them every so often, at most every 1m: ` +
      'for example { count: 3, every: 200ms }',
  )
  .prefault(1);

/** The settings of every kind of trigger. */
export const triggerSettings = {
  /** How an image's `trigger_source` calls it; by default its line, such as `gpio17`, or `timer`. */
  name: z.string().min(1).max(64).optional(),
  burst: burstSchema,
  /** How long its images live, in milliseconds, where that is not to be the camera's `ttl`. */
  ttl: durationSchema
    .refine((ttl) => ttlSchema.safeParse(ttl / 1000).success, 'an image lives longer than 0s and at most 3650d')
    .optional(),
  /** Goes into the `meta` of its images. */
  meta: metaSchema.default({}),
};

/** Why a trigger fired. */
export interface Cause {
  trigger: TriggerName;
  /** What exactly fired: `timer`, `gpio17`, ... */
  triggerSource: string;
}

/** The port that everything which starts captures by itself implements. The constructor only keeps its arguments. */
export interface Trigger {
  /** Begins to watch and calls `fire` for each event. Throws an error that names the fix if it can't. */
  start(fire: (cause: Cause) => void): Promise<void>;
  /** Stops watching and releases what was taken. Never throws. */
  stop(): Promise<void>;
}
