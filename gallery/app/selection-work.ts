import { type ShallowRef, shallowRef } from 'vue';
import type { Deed } from './gallery';
import type { ImageList } from './image-list';
import type { Image } from './messages';
import type { Selection } from './selection';
import { type GalleryServer, ServerError } from './server';
import { merge } from './sorted-images';
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

type Step = (done?: number) => void;

/** What is done with the selection and can take time, because it concerns many images. One work at a time. */
export interface SelectionWork {
  /** What is being done now; null if nothing is. */
  current: ShallowRef<Work | null>;
  /** Selects all from the image that was toggled last to this one. */
  extendTo(image: Image): Promise<void>;
  /** Selects all images that the list shows. */
  all(): Promise<void>;
  download(): Promise<void>;
  keep(): Promise<void>;
  remove(): Promise<void>;
  /** Ends what is being done; what has been done stays done. */
  cancel(): void;
}

/** Works on this selection. `tell` is given what a person should read, `left` is told which image has been deleted. */
export function createSelectionWork(parts: {
  server: GalleryServer;
  list: ImageList;
  selection: Selection;
  tell(text: string): void;
  did(deed: Deed): void;
  left(id: string): void;
}): SelectionWork {
  const { server, list, selection, tell, did, left } = parts;
  const current: SelectionWork['current'] = shallowRef(null);
  let stop: AbortController | undefined;

  async function run(doing: string, of: number, work: (step: Step, signal: AbortSignal) => Promise<void>) {
    if (current.value !== null) return;
    const abort = new AbortController();
    const { signal } = abort;
    stop = abort;
    current.value = { doing, done: 0, of };
    const step = (done = 1) => {
      if (current.value !== null) current.value = { ...current.value, done: current.value.done + done };
    };
    try {
      await work(step, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      abort.abort();
      current.value = null;
    }
  }

  /** Does something with all that are selected, after which none are. `work` returns how many had gone already. */
  function runAll(doing: string, work: (ids: string[], step: Step, signal: AbortSignal) => Promise<number>) {
    const ids = [...selection.ids.value];
    return run(doing, ids.length, async (step, signal) => {
      const gone = await work(ids, step, signal);
      if (gone > 0) tell(`${counted(gone, 'image')} had gone already.`);
      selection.clear();
    });
  }

  /** Selects from one image to an older one: at once if all between are loaded. */
  async function select(newer: Image, older: Image | undefined): Promise<void> {
    const line = list.timeline.value;
    const first = line.indexOf(newer.id);
    const last = older === undefined ? line.length - 1 : line.indexOf(older.id);
    const loaded: string[] = [];
    for (let at = first; at !== -1 && at <= last; at++) {
      const image = line.at(at);
      if (image === undefined) break;
      loaded.push(image.id);
    }
    if (first !== -1 && last !== -1 && loaded.length === last - first + 1) return selection.add(loaded);
    const [from, to] = [older?.capturedAt ?? 0, newer.capturedAt];
    await run('Selecting', line.indexOfTime(from) - line.indexOfTime(to), async (step, signal) => {
      const ids: string[] = [];
      for await (const images of list.pages(from, to)) {
        signal.throwIfAborted();
        ids.push(...images.map(({ id }) => id));
        step(images.length);
      }
      // Others can be of the same millisecond as the two, and lie outside of them.
      const begin = Math.max(0, ids.indexOf(newer.id));
      const end = older === undefined ? -1 : ids.indexOf(older.id);
      selection.add(ids.slice(begin, end === -1 ? undefined : end + 1));
    });
  }

  /** Does something to each image. Returns how many had gone. */
  function each(action: (id: string) => Promise<void>) {
    return async (ids: string[], step: Step, signal: AbortSignal): Promise<number> => {
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
    async extendTo(image) {
      const anchor = selection.anchor.value;
      if (anchor === null) return selection.toggle(image);
      const [newer = image, older = anchor] = merge([anchor], [image]);
      await select(newer, older);
    },
    async all() {
      const newest = list.timeline.value.at(0);
      if (newest !== undefined) await select(newest, undefined);
    },
    download: () =>
      runAll('Downloading', async (ids, step, signal) => {
        const { zipImages, save } = await import('./zip-images');
        const { zip, gone } = await zipImages(server, ids, { step, signal });
        save(zip, ids.length - gone);
        return gone;
      }),
    keep: () =>
      runAll(
        'Keeping',
        each(async (id) => {
          await server.pin(id);
          did({ action: 'pinned', id });
        }),
      ),
    remove: () =>
      runAll(
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
