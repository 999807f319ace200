import { z } from 'zod';

/** Where the gallery is, and how `luxcam gallery` serves it. */
export const gallerySettingsSchema = z.strictObject({
  /** Where the gallery is mounted, as other programs in the house reach it; the agent tells Home Assistant. */
  url: z.string().transform(galleryUrl).optional(),
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

/** The gallery's address with a slash at its end. It is told to everybody on the broker, so no password may be in it. */
function galleryUrl(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secret = url !== undefined && (url.username !== '' || url.password !== '');
  if (url !== undefined && /^https?:$/.test(url.protocol) && !secret)
    return `${url.origin}${url.pathname.replace(/\/*$/, '/')}`;
  const message = secret
    ? "the gallery's address is told to everybody on the broker: leave the user and password out"
    : "the gallery's address is not one: it must look like http://nodered:1880/luxcam";
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
