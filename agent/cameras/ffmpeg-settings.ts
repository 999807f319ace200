import { z } from 'zod';
import { durationSchema } from '../units';

const pixels = z.number().int().min(16).max(16384);

/** How a camera that ffmpeg reads is configured. */
export const ffmpegSettings = z.strictObject({
  type: z.literal('ffmpeg'),
  /** A device (`/dev/video0`), a file (played in a loop), or an RTSP, HTTP or other URL that ffmpeg knows. */
  input: z.string().min(1),
  /** At most so many frames a second are turned into JPEGs. A capture waits for the next one. */
  fps: z.number().min(0.1).max(30).default(5),
  /** True: decodes only the frames that stand by themselves, which come every second or so and cost little. */
  key_frames_only: z.boolean().default(false),
  /** In pixels. Both are asked of a device; other inputs are scaled. One alone keeps the shape. */
  width: pixels.optional(),
  height: pixels.optional(),
  /** Of the JPEGs, 1 to 100. */
  quality: z.number().int().min(1).max(100).default(85),
  rtsp_transport: z.enum(['tcp', 'udp']).default('tcp'),
  /** Without a frame for so long, ffmpeg is started again. Longer for cameras that send a frame now and then. */
  stall_timeout: durationSchema.default(15_000),
});
export type FfmpegSettings = z.infer<typeof ffmpegSettings>;

/**
 * Whether the input may be passed on as it is: a camera's MJPEG stream over HTTP, whose frames then keep their quality,
 * size and EXIF data, and cost no decoding. That the URL indeed leads to one shows when the first part arrives.
 */
export function mayBeCopied({ input, width, height }: FfmpegSettings): boolean {
  return kindOf(input) === 'http' && width === undefined && height === undefined;
}

/** The command line of an ffmpeg that writes each frame to its standard output as a part of an `mpjpeg` stream. */
export function ffmpegArguments(settings: FfmpegSettings, copy: boolean): string[] {
  const output = copy ? ['-c:v', 'copy'] : encoding(settings);
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...inputOptions(settings),
    ...(settings.key_frames_only && !copy ? ['-skip_frame', 'nokey'] : []),
    ...['-i', settings.input, '-an', '-sn', '-dn'],
    ...output,
    ...['-flush_packets', '1', '-f', 'mpjpeg', 'pipe:1'],
  ];
}

type InputKind = 'device' | 'recording' | 'rtsp' | 'http' | 'stream';

function kindOf(input: string): InputKind {
  if (input.startsWith('/dev/')) return 'device';
  const [, scheme, address = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^?#]*)/i.exec(input) ?? [];
  if (scheme === undefined || /\.(mp4|m4v|mov|mkv|webm|avi)$/i.test(address)) return 'recording';
  if (/^rtsps?$/i.test(scheme)) return 'rtsp';
  return /^https?$/i.test(scheme) ? 'http' : 'stream';
}

/** Frames that wait in ffmpeg are old when they come out: no decoding ahead, no measuring of the frame rate first. */
const withoutDelay = ['-fpsprobesize', '0', '-thread_type', 'slice', '-flags', 'low_delay'];

function inputOptions({ input, width, height, rtsp_transport, stall_timeout }: FfmpegSettings): string[] {
  // So that an ffmpeg whose agent was killed ends too, though its camera is silent.
  const timeout = String(Math.round(stall_timeout * 1000));
  switch (kindOf(input)) {
    case 'device':
      return ['-f', 'v4l2', ...(width && height ? ['-video_size', `${width}x${height}`] : [])];
    case 'recording':
      return ['-stream_loop', '-1', '-re'];
    case 'rtsp':
      return [...withoutDelay, '-rtsp_transport', rtsp_transport, '-timeout', timeout];
    case 'http':
      // An MJPEG stream has no times of its own; ffmpeg would take it for 25 frames a second.
      return [...withoutDelay, '-use_wallclock_as_timestamps', '1', '-rw_timeout', timeout];
    case 'stream':
      return withoutDelay;
  }
}

function encoding({ input, fps, width, height, quality }: FfmpegSettings): string[] {
  // `select` passes a frame on at once, where the `fps` filter and -r hold it until the next one has come.
  const due = `gte(t-prev_selected_t,${(1 / fps - 0.001).toFixed(3)})`;
  const filters = [`select='isnan(prev_selected_t)+lt(t,prev_selected_t)+${due}'`];
  const sized = kindOf(input) === 'device' && width && height;
  if ((width || height) && !sized) filters.push(`scale=${width ?? -2}:${height ?? -2}`);
  return [
    ...['-vf', filters.join(','), '-fps_mode', 'passthrough'],
    // One thread, as each further one holds back a frame.
    ...['-c:v', 'mjpeg', '-threads', '1', '-pix_fmt', 'yuvj420p', '-qmin', '1', '-q:v', quantiser(quality).toFixed(2)],
  ];
}

/**
 * ffmpeg's scale of 1 to 31 for a JPEG quality of 1 to 100. Both multiply a table: libjpeg by (200 - 2q) / 100, below 50
 * by 50 / q, and ffmpeg's table, which is like libjpeg's at quality 50, by an eighth of the quantiser.
 */
function quantiser(quality: number): number {
  const factor = quality >= 50 ? (200 - 2 * quality) / 100 : 50 / quality;
  return Math.min(31, Math.max(1, 8 * factor));
}
