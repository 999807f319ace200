import { looksLikeJpeg } from '../../core/jpeg';
import { messageOf } from '../../core/luxcam-error';
import { MjpegParts } from './mjpeg-parts';
import { addWords, killProgram, startProgram } from './program';

/** How one run of ffmpeg went. */
export interface FfmpegEnd {
  /** How many frames it gave. */
  frames: number;
  /** False if it sent parts that are no JPEGs: what was copied is another kind of video. */
  jpegs: boolean;
  /** True if the input came to its end, and nothing went wrong. */
  complete: boolean;
  /** Why it ended, in one line: mostly ffmpeg's last words. They may hold secrets. */
  reason: string;
}

export interface FfmpegRunParts {
  /** In milliseconds. */
  stallTimeout: number;
  signal: AbortSignal;
  /** Is told which frame of this run it is: 1 for the first. */
  onFrame: (jpeg: Buffer, count: number) => void;
}

/** How long ffmpeg may take to end by itself, in milliseconds. While it waits for a silent camera it does not. */
const patience = 300;

/**
 * Runs ffmpeg until it ends, is silent for `stallTimeout` milliseconds, or `signal` aborts, and hands over each frame.
 * Resolves when the process is gone, never rejects. Nothing but the frame under way is kept in memory.
 */
export function runFfmpeg(
  program: string,
  args: string[],
  { stallTimeout, signal, onFrame }: FfmpegRunParts,
): Promise<FfmpegEnd> {
  return new Promise((resolve) => {
    const child = startProgram(program, args);
    const parts = new MjpegParts();
    const end: FfmpegEnd = { frames: 0, jpegs: true, complete: false, reason: '' };
    let words = '';
    let killed = false;

    const kill = (reason: string) => {
      end.reason ||= reason;
      killed = true;
      killProgram(child);
    };
    const watchdog = setTimeout(() => kill(`no frame for ${stallTimeout / 1000} s`), stallTimeout);
    const stop = () => {
      child.kill('SIGTERM');
      setTimeout(() => kill('stopped'), patience).unref();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });

    child.stdout.on('data', (chunk: Buffer) => {
      if (killed) return;
      try {
        for (const jpeg of parts.push(chunk)) {
          end.jpegs = looksLikeJpeg(jpeg);
          if (!end.jpegs) return kill('the input is no MJPEG stream');
          end.frames += 1;
          watchdog.refresh();
          onFrame(jpeg, end.frames);
        }
      } catch (error) {
        kill(messageOf(error));
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      words = addWords(words, chunk);
    });
    child.on('error', (error) => {
      end.reason ||= error.message;
    });
    child.on('close', (code) => {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', stop);
      end.complete = code === 0 && end.reason === '' && words === '';
      end.reason ||= lastWords(words) || 'the input ended';
      resolve(end);
    });
  });
}

/** The last two lines of what ffmpeg said, the first of them often being the cause: without addresses in memory. */
function lastWords(words: string): string {
  const lines = words.split('\n').map((line) => line.replace(/^\[[^\]]+ @ 0x[0-9a-f]+\] */, '').trim());
  return lines
    .filter((line) => line !== '')
    .slice(-2)
    .join('; ');
}
