import { type Filter, filterParameters } from './filter';
import { type House, parseHouse } from './house';
import {
  type Actions,
  type Camera,
  type CameraHour,
  type Image,
  type Page,
  parseCameras,
  parseCounts,
  parseError,
  parseImage,
  parsePage,
  parseStatistics,
  parseTransaction,
} from './messages';

/** How many images the server gives at once, at the most. */
const pageLimit = 200;

/** A request that failed. `status` is the HTTP status, or 0 where no answer came; `code` is empty where none was told. */
export class ServerError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, message: string, options?: { cause?: unknown; code?: string }) {
    super(message, options);
    this.name = 'ServerError';
    this.status = status;
    this.code = options?.code ?? '';
  }
}

/** What a camera saw just now. */
export interface LiveFrame {
  /** Rises by one with each frame that the camera sends. */
  number: number;
  /** The number of the first frame since the sender was started. */
  first: number;
  blob: Blob;
}

/** The gallery's HTTP API. `base` is the address that the gallery is mounted at, with a slash at its end. */
export class GalleryServer {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** A page of images, newest first. `from` and `to` are unix milliseconds; they narrow what the filter leaves. */
  async images(
    filter: Filter,
    { from, to, ...page }: { from?: number; to?: number; limit: number; cursor?: string },
  ): Promise<Page> {
    // How many there are in all is counted by the hour, and only once.
    const query = { ...filterParameters(filter), ...bothRanges(filter, from, to), ...page, total: 'false' };
    return parsePage(await this.request('GET', `api/images?${parameters(query)}`));
  }

  /** All images of a filter between two times in unix milliseconds, newest first, page by page. */
  async *pages(filter: Filter, range: { from: number; to: number }): AsyncGenerator<Image[]> {
    let cursor: string | null = null;
    do {
      const query = { ...range, limit: pageLimit, ...(cursor !== null && { cursor }) };
      const page: Page = await this.images(filter, query);
      yield page.images;
      cursor = page.next;
    } while (cursor !== null);
  }

  /** How many images of a filter there are in each stretch of so many minutes, newest first. */
  async counts(
    filter: Filter,
    { from, to, minutes }: { from?: number; to?: number; minutes: number },
  ): Promise<{ start: number; images: number }[]> {
    const query = { ...filterParameters(filter), ...bothRanges(filter, from, to), minutes };
    return parseCounts(await this.request('GET', `api/counts?${parameters(query)}`));
  }

  /** One image's metadata. Throws a ServerError with status 404 when it is gone. */
  async image(id: string): Promise<Image> {
    return parseImage(await this.request('GET', `api/images/${encodeURIComponent(id)}`));
  }

  async cameras(): Promise<{ cameras: Camera[]; actions: Actions; now: number }> {
    return parseCameras(await this.request('GET', 'api/cameras'));
  }

  /** What each camera did, hour by hour, between two times in unix milliseconds. */
  async statistics(query: { camera: string; from: number; to: number }): Promise<CameraHour[]> {
    return parseStatistics(await this.request('GET', `api/stats?${parameters(query)}`));
  }

  /** What lies in Redis of all cameras, and its memory. */
  async house(): Promise<House> {
    return parseHouse(await this.request('GET', 'api/stats?hours=false'));
  }

  /** Asks a camera for a picture. Returns the transaction that its live event will carry. */
  async capture(camera: string): Promise<string> {
    return parseTransaction(await this.request('POST', `api/cameras/${encodeURIComponent(camera)}/capture`));
  }

  async pin(id: string): Promise<void> {
    await this.request('POST', `api/images/${encodeURIComponent(id)}/pin`);
  }

  async unpin(id: string): Promise<void> {
    await this.request('POST', `api/images/${encodeURIComponent(id)}/unpin`);
  }

  async remove(id: string): Promise<void> {
    await this.request('DELETE', `api/images/${encodeURIComponent(id)}`);
  }

  /**
   * A camera's newest live frame, as soon as its number is above `after`. Throws a ServerError, with status 504 if none came
   * for a while, and an AbortError when the signal aborts.
   */
  async liveFrame(camera: string, after: number, signal: AbortSignal): Promise<LiveFrame> {
    const response = await this.fetch(`live/${encodeURIComponent(camera)}.jpg?after=${after}`, { signal });
    if (!response.ok) throw await refusal(response);
    const header = (name: string) => Number(response.headers.get(name));
    return { number: header('x-frame-number'), first: header('x-frame-first'), blob: await response.blob() };
  }

  /** The address of an image's bytes. */
  imageUrl(id: string): string {
    return `${this.base}images/${encodeURIComponent(id)}`;
  }

  thumbnailUrl(id: string): string {
    return `${this.base}thumbnails/${encodeURIComponent(id)}`;
  }

  /** The address of the page with this image opened. */
  pageUrl(id: string): string {
    return `${this.base}#image=${encodeURIComponent(id)}`;
  }

  private async request(method: string, path: string): Promise<unknown> {
    // The server takes changes only as JSON, because a form of another site can't send that.
    const change = method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: '{}' };
    const response = await this.fetch(path, { method, ...change });
    if (!response.ok) throw await refusal(response);
    return await readJson(response);
  }

  private fetch(path: string, options: RequestInit): Promise<Response> {
    return fetch(this.base + path, options).catch((cause) => {
      throw new ServerError(0, 'The gallery does not answer.', { cause });
    });
  }
}

async function refusal(response: Response): Promise<ServerError> {
  const { status } = response;
  const words = [401, 403].includes(status)
    ? 'You are not allowed to see these images: reload the page to sign in.'
    : `The gallery answered ${status}.`;
  const told = parseError(await readJson(response));
  return new ServerError(status, told?.message ?? words, { code: told?.code });
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return json ? JSON.parse(text) : undefined;
}

/** The times that lie in the filter's range and in another one, both in unix milliseconds. */
function bothRanges(filter: Filter, from?: number, to?: number): { from?: number; to?: number } {
  const first = Math.max(from ?? 0, filter.from ?? 0);
  const last = Math.min(to ?? Number.POSITIVE_INFINITY, filter.to ?? Number.POSITIVE_INFINITY);
  return { ...(first > 0 && { from: first }), ...(Number.isFinite(last) && { to: last }) };
}

function parameters(query: Record<string, string | number | undefined>): URLSearchParams {
  const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(known.map(([name, value]) => [name, `${value}`]));
}
