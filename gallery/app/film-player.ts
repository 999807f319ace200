import { computed, onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue';
import { FilmFrames } from './film-frames';
import { useGallery } from './gallery';
import type { Image } from './messages';

/** A film of images, oldest first. */
export interface FilmPlayer {
  images: ShallowRef<readonly Image[]>;
  /** True until it is known of which images it consists. */
  reading: Ref<boolean>;
  /** The place of the image that is shown. */
  at: Ref<number>;
  /** How many images pass in a second. */
  perSecond: Ref<number>;
  playing: Ref<boolean>;
  /** True while the next picture is not here in time. */
  late: Ref<boolean>;
  /** Plays, from the beginning if it stands at the end, or pauses. */
  toggle(): void;
  /** Pauses at a place, at the nearest one there is. */
  seek(place: number): void;
}

/** After how many milliseconds a picture that is not here is late. */
const lateMilliseconds = 300;

/**
 * Plays what the gallery's filter leaves of a stretch of time (unix milliseconds) on a canvas, as soon as it is known, until
 * the surrounding component goes.
 */
export function useFilmPlayer(
  { from, to }: { from: number; to: number },
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
): FilmPlayer {
  const { server, filter, attempt } = useGallery();
  const images: FilmPlayer['images'] = shallowRef([]);
  const reading = ref(true);
  const at = ref(0);
  const perSecond = ref(12);
  const late = ref(false);
  /** The run that plays now; another one, or none, has begun since if it is no longer the same. */
  const run = ref<symbol | null>(null);
  const playing = computed(() => run.value !== null);
  let frames: FilmFrames | undefined;
  let closed = false;

  async function read(): Promise<void> {
    for await (const page of server.pages(filter.value, { from, to })) {
      if (closed) return;
      images.value = [...images.value, ...page];
    }
    images.value = images.value.toReversed();
    reading.value = false;
    frames = new FilmFrames(images.value.map(({ id }) => server.imageUrl(id)));
    await show(0);
    await play();
  }

  let asked = 0;
  /** Shows the picture at a place as soon as it is here, unless another was asked for meanwhile. */
  async function show(place: number): Promise<void> {
    if (images.value.length === 0) return;
    asked += 1;
    const mine = asked;
    frames?.standAt(place, perSecond.value);
    const timer = setTimeout(() => {
      late.value = mine === asked;
    }, lateMilliseconds);
    const picture = await frames?.picture(place);
    clearTimeout(timer);
    if (mine !== asked || closed) return;
    late.value = false;
    at.value = place;
    if (picture) draw(picture);
  }

  function draw(picture: ImageBitmap): void {
    const screen = canvas.value;
    if (screen === null) return;
    screen.width = picture.width;
    screen.height = picture.height;
    screen.getContext('2d')?.drawImage(picture, 0, 0);
  }

  async function play(): Promise<void> {
    const mine = Symbol('run');
    run.value = mine;
    if (at.value >= images.value.length - 1) await show(0);
    let due = performance.now();
    while (run.value === mine && at.value < images.value.length - 1) {
      // What was late is not caught up with.
      due = Math.max(due + 1000 / perSecond.value, performance.now());
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      if (run.value === mine) await show(at.value + 1);
    }
    if (run.value === mine) run.value = null;
  }

  watch(perSecond, () => frames?.standAt(at.value, perSecond.value));
  onMounted(() => attempt(read));
  onBeforeUnmount(() => {
    closed = true;
    run.value = null;
    frames?.stop();
  });

  return {
    images,
    reading,
    at,
    perSecond,
    playing,
    late,
    toggle() {
      if (playing.value) run.value = null;
      else void attempt(play);
    },
    seek(place) {
      run.value = null;
      void attempt(() => show(Math.max(0, Math.min(images.value.length - 1, place))));
    },
  };
}
