import { z } from 'zod';
import { readImage } from '../../core/image-format';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { hideSecrets } from './address';
import type { Camera, Frame } from './camera';
import { lastLine, runProgram } from './program';
import { findProgram } from './system-program';

const words = 'a list of words, for example ["fswebcam", "-"], or ["sh", "-c", "..."] for a shell';

/** How a camera is configured whose pictures come from any program. */
export const commandSettings = z.strictObject({
  type: z.literal('command'),
  /** The program and its arguments, word by word. No shell reads them. */
  command: z.array(z.string(words), words).min(1, words),
});
export type CommandSettings = z.infer<typeof commandSettings>;

/** A camera for which a program is run at each capture, that writes an image to its standard output. */
export class CommandCamera implements Camera {
  private readonly name: string;
  private readonly settings: CommandSettings;
  private program = '';

  constructor({ name, settings }: { name: string; settings: CommandSettings }) {
    this.name = name;
    this.settings = settings;
  }

  /** Throws if there is no such program. */
  async start(): Promise<void> {
    const found = await findProgram(this.settings.command.slice(0, 1));
    if (found === undefined)
      throw this.failed("can't be run. Check its path, and that it is installed and executable.");
    this.program = found;
  }

  /** `capturedAt` is the time when the program had ended. */
  async capture(signal: AbortSignal): Promise<Frame> {
    const { output: jpeg, words, failure } = await runProgram(this.program, this.settings.command.slice(1), signal);
    const capturedAt = Date.now();
    const said = this.shown(lastLine(words));
    if (failure !== undefined) throw this.failed(`failed (${failure}): ${said || 'it said nothing'}`);
    try {
      readImage(jpeg);
    } catch (error) {
      const besides = said && `. It said: ${said}`;
      throw this.failed(`wrote no usable image to its standard output: ${messageOf(error)}${besides}`, error);
    }
    return { jpeg, capturedAt, metadata: {} };
  }

  async stop(): Promise<void> {}

  /** A program may repeat an argument with a password in it. */
  private shown(text: string): string {
    return this.settings.command.filter(Boolean).reduce(hideSecrets, text);
  }

  private failed(what: string, cause?: unknown): LuxcamError {
    const [program = ''] = this.settings.command;
    return new LuxcamError('camera_failed', `camera ${this.name}: the command ${program} ${what}`, { cause });
  }
}
