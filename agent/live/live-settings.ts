import { z } from 'zod';

/** What a camera sends while somebody looks at it live. */
export const liveSettingsSchema = z.strictObject({
  /** Frames a second, at most. */
  fps: z.number().min(0.5).max(60).default(10),
  /** In pixels, at most; the height follows. */
  width: z.int().min(64).max(1920).default(640),
});
export type LiveSettings = z.infer<typeof liveSettingsSchema>;
