import { z } from 'zod';

/** What started a capture, as it is named on the wire. */
export const triggerNames = ['timer', 'button', 'motion', 'gpio', 'command', 'node', 'shell', 'adopted'] as const;
export type TriggerName = (typeof triggerNames)[number];

/** A camera's name: unique under one base topic and prefix. `agents` is a topic of its own and so reserved. */
export const cameraNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/,
    'a camera name is 1 to 64 of a-z, 0-9, _ and -, and starts with a letter or digit',
  )
  .refine((name) => name !== 'agents', "the name 'agents' is reserved, choose another one");

/** An image's id, with its camera and its capture time. */
export const imageIdPattern = /^([a-z0-9][a-z0-9_-]{0,63}):(\d{1,15})$/;

/** An image's id, `<camera>:<unix ms of the capture>`. */
export const imageIdSchema = z
  .string()
  .regex(imageIdPattern, 'an image id is <camera>:<unix milliseconds>, for example front:1781000000123');

/** What the camera or the requester adds to an image. */
export const metaSchema = z.record(z.string(), z.json());
export type Meta = z.infer<typeof metaSchema>;

/** An image before it is stored: the bytes and what is known of them. */
export interface NewImage {
  camera: string;
  /** The name of the agent or the node that stores it. */
  agent: string;
  /** The image's bytes. */
  bytes: Buffer;
  mimeType: string;
  /** In pixels. Absent if the bytes don't tell. */
  width?: number;
  height?: number;
  /** Hexadecimal SHA-256 of the bytes. */
  sha256: string;
  /** A JPEG whose longer side is at most 320 pixels. */
  thumbnail?: Buffer;
  /** Unix milliseconds. */
  capturedAt: number;
  /** Time to live in seconds, counted from the capture. */
  ttl: number;
  lux?: number;
  trigger: TriggerName;
  /** What exactly fired: `gpio17`, the name of a node. Empty if nothing is known. */
  triggerSource: string;
  meta: Meta;
  /** The request's own mark, which its answer carries. */
  transaction: string | null;
  burst?: { index: number; of: number };
  /** True for an image that waited in the spool. */
  replayed: boolean;
}

/** An image in the store, without its bytes. */
export interface StoredImage {
  id: string;
  /** The Redis key, prefix included. */
  key: string;
  camera: string;
  agent: string;
  /** Unix milliseconds. */
  capturedAt: number;
  /** Unix milliseconds; null if the image is pinned. */
  expiresAt: number | null;
  /** Time to live in seconds that the image was stored with; it counts again after an unpin. */
  ttl: number;
  mimeType: string;
  /** In bytes. */
  size: number;
  /** In pixels; null if the bytes did not tell. */
  width: number | null;
  height: number | null;
  lux: number | null;
  /** Counts the images of a camera. */
  sequence: number;
  sha256: string;
  trigger: TriggerName;
  triggerSource: string;
  meta: Meta;
}

/** The id of the image that a camera took at a time in unix milliseconds. */
export function imageId(camera: string, capturedAt: number): string {
  return `${camera}:${capturedAt}`;
}

/** The camera and the capture time (unix milliseconds) of an id that fits {@link imageIdSchema}. */
export function parseImageId(id: string): { camera: string; capturedAt: number } {
  const [camera = '', capturedAt = ''] = imageIdSchema.parse(id).split(':');
  return { camera, capturedAt: Number(capturedAt) };
}
