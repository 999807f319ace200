import { Zip, ZipPassThrough } from 'fflate';
import { type GalleryServer, ServerError } from './server';
import { counted } from './words';

/** How many images are fetched ahead of the one that is being written. */
const ahead = 3;
/** How long the browser gets to begin saving, in milliseconds. */
const saveMilliseconds = 60_000;

const endings: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

/**
 * Puts images into a zip file as they come, without compressing what is compressed already. The browser keeps its bytes,
 * on disk where they are many. `step` is called after each; images that have gone are left out, and counted.
 * Throws a ServerError, or the signal's reason.
 */
export async function zipImages(
  server: GalleryServer,
  ids: readonly string[],
  { step, signal }: { step(): void; signal: AbortSignal },
): Promise<{ zip: Blob; gone: number }> {
  let gone = 0;
  const fetched: Promise<Response>[] = [];
  const fetchAt = (at: number) => {
    const id = ids[at];
    if (id === undefined) return;
    const response = fetch(server.imageUrl(id), { signal });
    // Awaited when its turn comes; until then its failure is not unhandled.
    response.catch(() => undefined);
    fetched[at] = response;
  };

  async function write(at: number, id: string, zip: Zip): Promise<void> {
    const response = await fetched[at]?.catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ServerError(0, 'The gallery does not answer.', { cause });
    });
    delete fetched[at];
    if (response === undefined || response.status === 404) gone++;
    else if (!response.ok) throw new ServerError(response.status, `The gallery answered ${response.status}.`);
    else {
      const file = new ZipPassThrough(fileName(id, response.headers.get('content-type') ?? ''));
      file.mtime = Number(id.split(':')[1]);
      zip.add(file);
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read())
        file.push(part.value);
      file.push(new Uint8Array(0), true);
    }
    step();
  }

  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const zip = new Zip((error, bytes, final) => {
        if (error !== null) controller.error(error);
        else controller.enqueue(bytes);
        if (final) controller.close();
      });
      for (let at = 0; at < ahead; at++) fetchAt(at);
      for (const [at, id] of ids.entries()) {
        signal.throwIfAborted();
        fetchAt(at + ahead);
        await write(at, id, zip);
      }
      zip.end();
    },
  });
  return { zip: await new Response(stream).blob(), gone };
}

/** Gives a zip file of so many images to the person, as browsers do with downloads. */
export function save(zip: Blob, count: number): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(zip);
  link.download = `luxcam-${counted(count, 'image').replaceAll(/[ ,]/g, '-')}.zip`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), saveMilliseconds);
}

/** Such as `front-2026-06-09T10-13-20.123Z.jpg`, as the server names a single download. */
function fileName(id: string, type: string): string {
  const [camera = '', time = ''] = id.split(':');
  const name = new Date(Number(time)).toISOString().replaceAll(':', '-');
  return `${camera}-${name}.${endings[type.split(';')[0] ?? ''] ?? 'bin'}`;
}
