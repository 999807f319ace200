import { z } from 'zod';

/** How `luxcam gallery` serves the gallery; the agent itself takes no notice of it. */
export const gallerySettingsSchema = z.strictObject({
  /** The address to listen on. Anywhere but on this machine itself a password is needed. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free one. */
  port: z.number().int().min(0).max(65535).default(1881),
  /** Below which path, for a proxy that passes on only a part of its paths. */
  path: z
    .string()
    .regex(/^(\/[\w-]+)*\/?$/, 'a path is made of letters, digits, _, - and /, for example /luxcam')
    .default('/'),
  user: z
    .string()
    .regex(/^[^:]+$/, 'a user name has no colon')
    .default('luxcam'),
  /** A file whose first line is the password. */
  password_file: z.string().min(1).optional(),
  /** What visitors may do besides looking. */
  allow: z
    .strictObject({
      capture: z.boolean().default(false),
      pin: z.boolean().default(false),
      delete: z.boolean().default(false),
    })
    .prefault({}),
});
export type GallerySettings = z.infer<typeof gallerySettingsSchema>;
