import { type ShallowRef, shallowRef } from 'vue';
import type { Deed } from './gallery';
import type { Selection } from './selection';
import { type GalleryServer, ServerError } from './server';
import { counted } from './words';

/** How many requests are under way at the same time: browsers open six connections to a server, one is the events'. */
const parallel = 4;

/** Something that is done to many images. */
export interface Work {
  /** What is being done, `Deleting`. */
  doing: string;
  done: number;
  of: number;
}

/** What can be done to all images of the selection. One work at a time. */
export interface SelectionWork {
  /** What is being done now; null if nothing is. */
  current: ShallowRef<Work | null>;
  download(): Promise<void>;
  keep(): Promise<void>;
  remove(): Promise<void>;
  /** Ends what is being done; what has been done stays done. */
  cancel(): void;
}

/** Works on this selection. `tell` is given what a person should read, `left` is told which image has been deleted. */
export function createSelectionWork(parts: {
  server: GalleryServer;
  selection: Selection;
  tell(text: string): void;
  did(deed: Deed): void;
  left(id: string): void;
}): SelectionWork {
  const { server, selection, tell, did, left } = parts;
  const current: SelectionWork['current'] = shallowRef(null);
  let stop: AbortController | undefined;

  async function run(doing: string, work: (ids: string[], step: () => void, signal: AbortSignal) => Promise<number>) {
    if (current.value !== null) return;
    const ids = [...selection.ids.value];
    const abort = new AbortController();
    const { signal } = abort;
    stop = abort;
    current.value = { doing, done: 0, of: ids.length };
    const step = () => {
      if (current.value !== null) current.value = { ...current.value, done: current.value.done + 1 };
    };
    try {
      const gone = await work(ids, step, signal);
      if (gone > 0) tell(`${counted(gone, 'image')} had gone already.`);
      selection.clear();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      abort.abort();
      current.value = null;
    }
  }

  /** Does something to each image. Returns how many had gone. */
  function each(action: (id: string) => Promise<void>) {
    return async (ids: string[], step: () => void, signal: AbortSignal): Promise<number> => {
      const waiting = [...ids];
      let gone = 0;
      const worker = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          signal.throwIfAborted();
          await action(id).catch((error: unknown) => {
            if (!(error instanceof ServerError && error.status === 404)) throw error;
            gone++;
          });
          step();
        }
      };
      try {
        await Promise.all(Array.from({ length: parallel }, worker));
      } finally {
        waiting.length = 0;
      }
      return gone;
    };
  }

  return {
    current,
    download: () =>
      run('Downloading', async (ids, step, signal) => {
        const { zipImages, save } = await import('./zip-images');
        const { zip, gone } = await zipImages(server, ids, { step, signal });
        save(zip, ids.length - gone);
        return gone;
      }),
    keep: () =>
      run(
        'Keeping',
        each(async (id) => {
          await server.pin(id);
          did({ action: 'pinned', id });
        }),
      ),
    remove: () =>
      run(
        'Deleting',
        each(async (id) => {
          await server.remove(id);
          did({ action: 'deleted', id });
          left(id);
        }),
      ),
    cancel: () => stop?.abort(),
  };
}
