import { type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import type { Address, View } from './address';
import type { Filter } from './filter';
import type { Deed } from './gallery';
import type { ImageList } from './image-list';
import type { Image, PageTurn } from './messages';
import type { OpenedImage } from './opened-image';

/** What lies over the grid: an image, the wall or a live picture, each kept in the address. */
export interface Views {
  /** The cameras on the wall, none for all; null while there is no wall. */
  wall: ShallowRef<readonly string[] | null>;
  /** The camera that is looked at live; null while none is. */
  live: Ref<string | null>;
  /** Which way a flow has turned the page of the grid: another object each time. */
  turned: ShallowRef<{ to: PageTurn } | null>;
  /** Opens an image of the grid. */
  open(id: string): void;
  /** Opens an image that may not be loaded, because a flow says so. */
  reveal(id: string): void;
  close(): void;
  /** With an image open its neighbour is opened; else the grid turns its page. */
  turn(to: PageTurn): void;
  /** Puts these cameras on the wall, none for all; null takes the wall down. */
  hang(cameras: readonly string[] | null): void;
  /** Opens a camera's live picture; null closes it. */
  lookLive(camera: string | null): void;
  /** Shows what an address names. Throws a ServerError if the server does not answer. */
  follow(view: View): Promise<void>;
}

/** Nothing over the grid yet. */
export function createViews(parts: {
  address: Address;
  list: ImageList;
  opened: OpenedImage;
  filter: Readonly<Ref<Filter>>;
  did(deed: Deed): void;
  attempt(action: () => Promise<unknown>): Promise<void>;
}): Views {
  const { address, list, opened, filter, did, attempt } = parts;
  const wall: Views['wall'] = shallowRef(null);
  const live = ref<string | null>(null);
  const turned: Views['turned'] = shallowRef(null);

  /** Keeps in the address what lies over the grid from now on; `over` tells that something did already. */
  function keep(over: boolean, view: Partial<View>): void {
    const whole = { filter: filter.value, image: null, wall: null, ...view };
    if (over) address.write(whole);
    else address.open(whole);
  }

  function leave(): void {
    address.close({ filter: filter.value, image: null, wall: null });
  }

  function reveal(id: string): void {
    keep(opened.image.value !== null, { image: id });
    void attempt(() => opened.find(id));
  }

  async function turnFrom(here: Image, to: PageTurn): Promise<void> {
    const place = list.timeline.value.indexOf(here.id) + (to === 'newer' ? -1 : 1);
    const image = await list.image(to === 'newest' ? 0 : place);
    if (image !== undefined && image.id !== here.id) reveal(image.id);
  }

  return {
    wall,
    live,
    turned,
    open(id) {
      const image = list.timeline.value.at(list.timeline.value.indexOf(id));
      if (image === undefined) return;
      keep(opened.image.value !== null, { image: id });
      opened.show(image);
      did({ action: 'opened', id, camera: image.camera });
    },
    reveal,
    close() {
      opened.show(null);
      leave();
    },
    turn(to) {
      const here = opened.image.value;
      if (here === null) turned.value = { to };
      else void attempt(() => turnFrom(here, to));
    },
    hang(names) {
      if (names === null) leave();
      else keep(wall.value !== null, { wall: names });
      wall.value = names;
    },
    lookLive(name) {
      if (name === null) leave();
      else keep(live.value !== null, { live: name });
      live.value = name;
    },
    async follow(view) {
      wall.value = view.wall;
      live.value = view.live ?? null;
      if (view.image === null) opened.show(null);
      else if (view.image !== opened.image.value?.id) await opened.find(view.image);
    },
  };
}
