import { LuxcamError } from '../../core/luxcam-error';
import { lastLine } from './program';
import type { RpicamSettings } from './rpicam-settings';
import { findProgram } from './system-program';

/** The names of the camera program: before rpicam-apps 1.4 it was the second. */
const names = ['rpicam-still', 'libcamera-still'];

/** What the program says, and what to do then. */
const remedies: [RegExp, string][] = [
  [
    /no cameras available/i,
    "Check the ribbon cable at both ends (power off first), then what 'rpicam-still --list-cameras' shows.",
  ],
  [/in use by another process|device or resource busy/i, 'Another program is using the camera: stop that one.'],
  [/selected camera is not available/i, "Check the camera's number with 'rpicam-still --list-cameras'."],
  [/permission denied/i, "Let this user use it: 'sudo usermod -aG video <user>', then log in again."],
  [
    /unrecognised option '--(zsl|signal|info-text|metadata-format)'/i,
    "It is too old to stay on: 'sudo apt-get install --only-upgrade rpicam-apps', or use 'mode: one-shot'.",
  ],
  [/unrecognised option|option '.*' is invalid|invalid option/i, "Check the source's 'options'."],
];

/** The full path of the camera program. Throws a LuxcamError `camera_failed` if there is none. */
export async function findRpicam(name: string, { program }: RpicamSettings): Promise<string> {
  const found = await findProgram(program === undefined ? names : [program]);
  if (found !== undefined) return found;
  throw rpicamFailed(
    name,
    program === undefined
      ? "needs rpicam-still, which is not installed. On a Raspberry Pi: 'sudo apt-get install rpicam-apps'."
      : `can't run its program ${program}. Check its path, and that it is executable.`,
  );
}

/** What went wrong when the program ended as `ending` says, having said `words`, and what to do. */
export function rpicamEnded(name: string, words: string, ending: string): LuxcamError {
  const remedy = remedies.find(([pattern]) => pattern.test(words))?.[1] ?? '';
  return rpicamFailed(name, `gave no picture (${ending}): ${gist(words) || 'it said nothing'}. ${remedy}`.trim());
}

export function rpicamFailed(name: string, what: string, cause?: unknown): LuxcamError {
  return new LuxcamError('camera_failed', `camera ${name} (rpicam) ${what}`, { cause });
}

/** `ERROR: *** no cameras available ***` without its frame; else the last line. */
function gist(words: string): string {
  const [, said] = /ERROR: \*\*\* (.*?) \*\*\*/.exec(words) ?? [];
  return said ?? lastLine(words);
}
