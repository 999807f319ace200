import type { z } from 'zod';
import type { TriggerSettings } from '../config';

/** Adds a mistake for each trigger whose GPIO line another one has already: a line can be watched only once. */
export function eachLineOnce(cameras: Record<string, { triggers: TriggerSettings[] }>, context: z.RefinementCtx): void {
  const places = new Map<number, string>();
  for (const [camera, { triggers }] of Object.entries(cameras)) {
    for (const [index, trigger] of triggers.entries()) {
      if (trigger.type === 'timer') continue;
      const { gpio } = trigger;
      const path = [camera, 'triggers', index, 'gpio'];
      const other = places.get(gpio);
      if (other === undefined) places.set(gpio, ['cameras', ...path].join('.'));
      else
        context.addIssue({ code: 'custom', path, message: `GPIO ${gpio} is taken by ${other}: choose another line` });
    }
  }
}
