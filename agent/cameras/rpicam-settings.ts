import { z } from 'zod';
import { durationSchema } from '../units';

const evenPixels = z.number().int().min(64).max(16384).multipleOf(2);

/** How a Raspberry Pi camera is configured. */
export const rpicamSettings = z.strictObject({
  type: z.literal('rpicam'),
  /** `warm`: the camera stays on, and a capture costs some frames. `one-shot`: it is off between captures. */
  mode: z.enum(['warm', 'one-shot']).default('warm'),
  /** Which camera, where several are connected: its number in `rpicam-still --list-cameras`. */
  camera: z.number().int().min(0).max(15).default(0),
  /** In pixels. */
  width: evenPixels.default(2304),
  height: evenPixels.default(1296),
  /** Of the JPEG, 1 to 100. */
  quality: z.number().int().min(1).max(100).default(85),
  /**
   * True: keeps focusing while the camera is warm, focuses before each capture in one-shot mode. False: leaves the lens
   * alone. Without it the camera's own way.
   */
  autofocus: z.boolean().optional(),
  /** Where the lens stays, in dioptres: 0 is far away, 10 is 10 cm. Not together with `autofocus: true`. */
  lens_position: z.number().min(0).max(32).optional(),
  /** In degrees. The sensor can turn a picture by 180 only. */
  rotation: z.union([z.literal(0), z.literal(180)]).default(0),
  /** How long a frame is exposed. Without it the camera finds out. */
  shutter: durationSchema.refine((milliseconds) => milliseconds <= 200_000, 'at most 200s').optional(),
  /** How much the sensor's signal is amplified. Without it the camera finds out. */
  gain: z.number().min(1).max(64).optional(),
  /** Makes pictures brighter or darker than the camera would, in stops. */
  ev: z.number().min(-10).max(10).optional(),
  exposure: z.enum(['normal', 'sport']).optional(),
  metering: z.enum(['centre', 'spot', 'average']).optional(),
  awb: z.enum(['auto', 'incandescent', 'tungsten', 'fluorescent', 'indoor', 'daylight', 'cloudy']).optional(),
  /** Further words for the program's command line, for what has no setting here. */
  options: z.array(z.string()).default([]),
  /** The program to run, a name or a path, where it is neither `rpicam-still` nor `libcamera-still`. */
  program: z.string().min(1).optional(),
  /** Without a sign of life of a warm camera for so long (beyond two exposures), it is started again. */
  stall_timeout: durationSchema.default(15_000),
});
export type RpicamSettings = z.infer<typeof rpicamSettings>;

/** How long the sensor runs before the picture of a one-shot, so that exposure and white balance settle. In milliseconds. */
const settlingTime = 1000;

/** The longer side of the EXIF thumbnail, in pixels, and its quality. */
const thumbnailSide = 320;
const thumbnailQuality = 75;

/** How the line begins that a warm camera program writes to its standard error for each frame. */
export const frameLine = 'luxcam-frame';

/** The options of `rpicam-still` for one picture on its standard output and its metadata in a file. */
export function oneShotArguments(settings: RpicamSettings, metadataFile: string): string[] {
  return [
    ...['--timeout', `${settlingTime}`, ...(settings.autofocus ? ['--autofocus-on-capture'] : [])],
    ...commonArguments(settings),
    ...['--output', '-', '--metadata', metadataFile, '--metadata-format', 'txt', ...settings.options],
  ];
}

/**
 * The options of a `rpicam-still` that stays on, writes a picture to a file at each SIGUSR1, and then its metadata to its
 * standard output. Without `--zsl` it would start the camera anew for each.
 */
export function warmArguments(settings: RpicamSettings, imageFile: string): string[] {
  return [
    ...['--timeout', '0', '--signal', '--zsl', '--info-text', `${frameLine} %frame`],
    ...(settings.autofocus ? ['--autofocus-mode=continuous'] : []),
    ...commonArguments(settings),
    ...['--output', imageFile, '--metadata', '-', '--metadata-format', 'txt', ...settings.options],
  ];
}

function commonArguments(settings: RpicamSettings): string[] {
  const { camera, width, height, quality, rotation, shutter, gain, ev, exposure, metering, awb } = settings;
  const given = {
    '--autofocus-mode': settings.autofocus === false ? 'manual' : undefined,
    '--lens-position': settings.lens_position,
    '--shutter': shutter === undefined ? undefined : Math.round(shutter * 1000),
    ...{ '--gain': gain, '--ev': ev, '--exposure': exposure, '--metering': metering, '--awb': awb },
  };
  return [
    ...['--nopreview', '--camera', `${camera}`],
    ...['--width', `${width}`, '--height', `${height}`, '--quality', `${quality}`, '--rotation', `${rotation}`],
    ...['--thumb', thumbnail(width, height)],
    // With a sign of equality, as a negative value would be taken for an option.
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
  ];
}

/** Saves making one; the default of 320 x 240 would squeeze a picture of another shape. */
function thumbnail(width: number, height: number): string {
  const scale = Math.min(1, thumbnailSide / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return `${even(width)}:${even(height)}:${thumbnailQuality}`;
}
