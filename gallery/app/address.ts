import { type Filter, filterParameters, readFilter, wholeFilter } from './filter';

/** What a person looks at: which images, and the one that is open, if any. */
export interface View {
  filter: Filter;
  image: string | null;
  /** The cameras on the wall, none for all; null while there is no wall. */
  wall: readonly string[] | null;
  /** The camera that is looked at live; absent or null while none is. */
  live?: string | null;
}

/** Where the view is kept, so that it is found again: the page's address, or a widget's memory. */
export interface Address {
  read(): View;
  write(view: View): void;
  /** Keeps a view with an image, the wall or a live picture opened in it, so that the browser's Back closes that. */
  open(view: View): void;
  /** Keeps a view in which that has been closed again. */
  close(view: View): void;
  /** Where the grid stands: a capture time in unix milliseconds, undefined at the newest image. */
  stand(at: number | undefined): void;
  /** Where it stood before it was mounted anew. */
  place(): number | undefined;
  /** Calls when the view was changed from outside, by Back or by another address. Returns how to stop that. */
  follow(changed: () => void): () => void;
}

/** Keeps the view behind the # of the page's address, so that a copied address opens the same image. */
export function pageAddress(): Address {
  let opened = false;
  return {
    read() {
      const parameters = new URLSearchParams(location.hash.slice(1));
      opened &&= ['image', 'wall', 'live'].some((name) => parameters.has(name));
      const wall = parameters.get('wall');
      return {
        filter: readFilter(parameters),
        image: parameters.get('image'),
        wall: wall === null ? null : wall.split(',').filter((name) => name !== ''),
        live: parameters.get('live'),
      };
    },
    write: (view) => history.replaceState(null, '', pageUrl(view)),
    open(view) {
      opened = true;
      history.pushState(null, '', pageUrl(view));
    },
    close(view) {
      // Back rather than one more step, so that Back does not open the image again.
      if (opened) history.back();
      else history.replaceState(null, '', pageUrl(view));
      opened = false;
    },
    // A page that is loaded anew begins at the newest image.
    stand() {},
    place: () => undefined,
    follow(changed) {
      addEventListener('popstate', changed);
      return () => removeEventListener('popstate', changed);
    },
  };
}

function pageUrl({ filter, image, wall, live = null }: View): string {
  const parameters = new URLSearchParams({
    ...filterParameters(filter),
    ...(image !== null && { image }),
    ...(wall !== null && { wall: wall.join(',') }),
    ...(live !== null && { live }),
  });
  // The colons of ids and times are fine behind a #, as are commas, and read better.
  const hash = parameters
    .toString()
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replace(/\bwall=$/, 'wall');
  return hash === '' ? location.pathname + location.search : `#${hash}`;
}

/** Dashboard 2 mounts a widget anew at each deploy and each reconnect, and the view has to outlive that. */
const remembered = new Map<string, View>();
const stoodAt = new Map<string, number>();

/** Keeps the view of the widget with this id in memory. */
export function widgetAddress(id: string): Address {
  const write = (view: View) => remembered.set(id, view);
  return {
    read: () => remembered.get(id) ?? { filter: wholeFilter(), image: null, wall: null },
    write,
    open: write,
    close: write,
    stand(at) {
      if (at === undefined) stoodAt.delete(id);
      else stoodAt.set(id, at);
    },
    place: () => stoodAt.get(id),
    follow: () => () => {},
  };
}
