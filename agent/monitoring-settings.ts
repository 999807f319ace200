import { z } from 'zod';
import { percentSchema } from './units';

/** Where Prometheus reads the agent's metrics; without this block nowhere. */
export const metricsSettingsSchema = z.strictObject({
  /** The address to listen on. There is no password: let others in only on a network that may know. */
  host: z.string().min(1).default('127.0.0.1'),
  port: z
    .number('a port is a number from 1 to 65535')
    .int('a port is a number from 1 to 65535')
    .min(1, 'a port is a number from 1 to 65535')
    .max(65535, 'a port is a number from 1 to 65535')
    .default(9464),
});
export type MetricsSettings = z.infer<typeof metricsSettingsSchema>;

const silentMessage = 'silent is the number of pictures that a timer asks for in vain: for example 3';

/** Of what the agent warns: of nothing that is not set. */
export const warningSettingsSchema = z.strictObject({
  /** How much of its memory Redis may use, in percent. */
  memory: percentSchema.optional(),
  /** After how many pictures of a timer that failed, one after the other, a camera counts as silent. */
  silent: z.number(silentMessage).int(silentMessage).min(1, silentMessage).optional(),
  /** Whether images on the disk are worth a warning. */
  spool: z.boolean().default(false),
});
export type WarningSettings = z.infer<typeof warningSettingsSchema>;

/** Whether any kind of warning is set. */
export function warnsOfAnything({ memory, silent, spool }: WarningSettings): boolean {
  return memory !== undefined || silent !== undefined || spool;
}
