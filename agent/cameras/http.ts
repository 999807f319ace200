import type { Logger } from 'pino';
import { z } from 'zod';
import { largestImage, readImage } from '../../core/image-format';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { hideSecrets, shownAddress } from './address';
import type { Camera, Frame } from './camera';

/** How a camera with a snapshot URL is configured. User and password stand in the URL. */
export const httpSettings = z.strictObject({
  type: z.literal('http'),
  url: z.url({ protocol: /^https?$/, error: 'the address of a JPEG, for example http://camera.local/snapshot.jpg' }),
});
export type HttpSettings = z.infer<typeof httpSettings>;

/** A camera that answers each GET of its URL with a picture. */
export class HttpCamera implements Camera {
  private readonly name: string;
  private readonly settings: HttpSettings;

  constructor({ name, settings }: { name: string; settings: HttpSettings; log: Logger }) {
    this.name = name;
    this.settings = settings;
  }

  async start(): Promise<void> {}

  /** Asks for a picture. `capturedAt` is the time when it had arrived. */
  async capture(signal: AbortSignal): Promise<Frame> {
    try {
      const jpeg = await this.fetchImage(signal);
      return { jpeg, capturedAt: Date.now(), metadata: {} };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof LuxcamError) throw error;
      const cause = hideSecrets(causeOf(error), this.settings.url);
      throw this.failed(`can't be reached: ${cause}. Check that it is switched on, and its address.`, error);
    }
  }

  async stop(): Promise<void> {}

  private async fetchImage(signal: AbortSignal): Promise<Buffer> {
    const { url, authorization } = separateCredentials(this.settings.url);
    // A picture that a proxy has kept is one from before the request.
    const headers = {
      accept: 'image/*',
      'cache-control': 'no-cache',
      ...(authorization !== undefined && { authorization }),
    };
    const response = await fetch(url, { headers, signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw this.failed(`answered with HTTP status ${response.status}. ${remedy(response)}`.trim());
    }
    const bytes = await this.readBody(response);
    try {
      readImage(bytes);
    } catch (error) {
      throw this.failed(`answered with something that can't be used: ${messageOf(error)}`, error);
    }
    return bytes;
  }

  private async readBody(response: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      // Leaving the loop closes the connection. An MJPEG stream, which never ends, comes to this too.
      if (size > largestImage)
        throw this.failed(
          `sent more than ${largestImage / 1024 ** 2} MB for one image. If its URL is a video stream, use 'type: ffmpeg'.`,
        );
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  private failed(what: string, cause?: unknown): LuxcamError {
    return new LuxcamError('camera_failed', `camera ${this.name} (${shownAddress(this.settings.url)}) ${what}`, {
      cause,
    });
  }
}

/** fetch takes no URL with user and password in it: they become a header (RFC 7617). */
function separateCredentials(address: string): { url: URL; authorization?: string } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url };
  url.username = '';
  url.password = '';
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64');
  return { url, authorization: `Basic ${credentials}` };
}

/** Undoes percent-encoding; a password with a bare % in it is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function remedy({ status, headers }: Response): string {
  const digest = /^digest/i.test(headers.get('www-authenticate') ?? '');
  if (status === 401 && digest)
    return "It wants Digest authentication, which this source does not speak: use 'type: ffmpeg' with its stream, or switch it to Basic.";
  if (status === 401 || status === 403) return 'Check the user and the password in its URL.';
  if (status === 404) return 'Check the path of its URL.';
  return '';
}

/** Why a fetch failed: fetch itself says only that it did. */
function causeOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
