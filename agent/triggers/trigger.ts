import { z } from 'zod';
import type { TriggerName } from '../../core/image';
import { burstLimit } from '../../core/messages';

/** How many pictures a fire of a trigger takes: a setting of each of them. */
export const burstSchema = z.number().int().min(1).max(burstLimit).default(1);

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
