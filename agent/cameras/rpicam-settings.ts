import { z } from 'zod';

const evenPixels = z.number().int().min(64).max(16384).multipleOf(2);

/** How a Raspberry Pi camera is configured. */
export const rpicamSettings = z.strictObject({
  type: z.literal('rpicam'),
  /** Which camera, where several are connected: its number in `rpicam-still --list-cameras`. */
  camera: z.number().int().min(0).max(15).default(0),
  /** In pixels. */
  width: evenPixels.default(2304),
  height: evenPixels.default(1296),
  /** Of the JPEG, 1 to 100. */
  quality: z.number().int().min(1).max(100).default(85),
  /** True: focuses before each capture. False: leaves the lens alone. Without it the camera's own way. */
  autofocus: z.boolean().optional(),
  /** In degrees. The sensor can turn a picture by 180 only. */
  rotation: z.union([z.literal(0), z.literal(180)]).default(0),
  /** The program to run, a name or a path, where it is neither `rpicam-still` nor `libcamera-still`. */
  program: z.string().min(1).optional(),
});
export type RpicamSettings = z.infer<typeof rpicamSettings>;

/** How long the sensor runs before the picture, so that exposure and white balance settle. In milliseconds. */
const settlingTime = 1000;

/** The longer side of the EXIF thumbnail, in pixels, and its quality. */
const thumbnailSide = 320;
const thumbnailQuality = 75;

/** The options of `rpicam-still` for one picture on its standard output and its metadata in a file. */
export function rpicamArguments(settings: RpicamSettings, metadataFile: string): string[] {
  const { camera, width, height, quality, rotation } = settings;
  return [
    ...['--nopreview', '--camera', `${camera}`, '--timeout', `${settlingTime}`],
    ...['--width', `${width}`, '--height', `${height}`, '--quality', `${quality}`, '--rotation', `${rotation}`],
    ...['--thumb', thumbnail(width, height), ...focus(settings)],
    ...['--output', '-', '--metadata', metadataFile, '--metadata-format', 'txt'],
  ];
}

/** The default of 320 x 240 would squeeze a picture of another shape. */
function thumbnail(width: number, height: number): string {
  const scale = Math.min(1, thumbnailSide / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return `${even(width)}:${even(height)}:${thumbnailQuality}`;
}

/** Both options are harmless with a camera that has no focus motor. */
function focus({ autofocus }: RpicamSettings): string[] {
  if (autofocus === undefined) return [];
  return autofocus ? ['--autofocus-on-capture'] : ['--autofocus-mode', 'manual'];
}
