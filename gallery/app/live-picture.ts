import { computed, onBeforeUnmount, onMounted, type Ref, ref, shallowRef, watch } from 'vue';
import type { Clock } from './clock';
import { type GalleryServer, type LiveFrame, ServerError } from './server';

/** What became of the frames since the camera was opened. */
export interface LiveCounts {
  seen: number;
  /** Sent while the one before was still on its way here. */
  skipped: number;
  repeated: number;
  torn: number;
}

/** A camera's live picture. */
export interface LivePicture {
  /** `waiting`: none has come yet; `missing`: none comes any more. */
  state: Ref<'waiting' | 'live' | 'missing'>;
  /** How long ago the last frame came, in milliseconds. */
  age: Ref<number>;
  /** Frames a second, of late. */
  rate: Ref<number>;
  counts: Ref<LiveCounts>;
  /** Why no frame comes, in words; empty if nobody knows. */
  problem: Ref<string>;
}

/** Without a frame for so long a camera is not live, in milliseconds: the slowest sends one every two seconds. */
const longestGap = 5000;

/** How long to wait before asking a server again that has refused, in milliseconds. */
const retryMilliseconds = 2000;

/** Over how long the rate is taken, in milliseconds. */
const rateSpan = 3000;

const nothing: LiveCounts = { seen: 0, skipped: 0, repeated: 0, torn: 0 };

/**
 * Fetches a camera's live frames one after the other and hands each to `draw`, as long as the surrounding component is
 * there and the page can be seen. Each is asked for when the one before is drawn: a slow line skips, and lags behind by
 * no more than one.
 */
export function useLivePicture(
  server: GalleryServer,
  clock: Clock,
  camera: () => string,
  draw: (picture: ImageBitmap) => void,
): LivePicture {
  const counts: LivePicture['counts'] = shallowRef(nothing);
  const problem = ref('');
  const last = shallowRef<LiveFrame | null>(null);
  const cameAt = ref(0);
  const times = shallowRef<readonly number[]>([]);
  let running = new AbortController();

  function come(frame: LiveFrame): boolean {
    const before = last.value;
    const { seen, skipped, repeated } = counts.value;
    if (frame.first === before?.first && frame.number <= before.number) {
      counts.value = { ...counts.value, repeated: repeated + 1 };
      return false;
    }
    // Of a sender that has started anew all that it sent before this one was skipped.
    const previous =
      before === null ? frame.number - 1 : before.first === frame.first ? before.number : frame.first - 1;
    counts.value = { ...counts.value, seen: seen + 1, skipped: skipped + frame.number - previous - 1 };
    last.value = frame;
    cameAt.value = Date.now();
    times.value = [...times.value.filter((time) => time > Date.now() - rateSpan), Date.now()];
    problem.value = '';
    return true;
  }

  async function show(frame: LiveFrame, signal: AbortSignal): Promise<void> {
    if (!come(frame)) return;
    const picture = await createImageBitmap(frame.blob).catch(() => null);
    if (picture === null) counts.value = { ...counts.value, torn: counts.value.torn + 1 };
    else if (!signal.aborted) draw(picture);
    picture?.close();
  }

  async function run(name: string, signal: AbortSignal): Promise<void> {
    let after = 0;
    while (!signal.aborted) {
      try {
        const frame = await server.liveFrame(name, after, signal);
        after = frame.number;
        await show(frame, signal);
      } catch (error) {
        if (signal.aborted) return;
        problem.value = error instanceof Error ? error.message : String(error);
        // Whatever comes next is welcome, should a sender with another clock have taken over.
        after = 0;
        const patient = error instanceof ServerError && error.status === 504;
        if (!patient) await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
      }
    }
  }

  /** Begins, or ends, as the page is seen or not. */
  function follow(): void {
    running.abort();
    running = new AbortController();
    if (document.visibilityState === 'visible') void run(camera(), running.signal);
  }

  watch(camera, () => {
    counts.value = nothing;
    last.value = null;
    times.value = [];
    problem.value = '';
    follow();
  });
  onMounted(() => {
    document.addEventListener('visibilitychange', follow);
    follow();
  });
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', follow);
    running.abort();
  });

  /** The present by this machine's clock: ticks with the gallery's, and with each frame. */
  const now = computed(() => {
    void clock.now.value;
    return Math.max(cameAt.value, Date.now());
  });
  const age = computed(() => now.value - cameAt.value);
  return {
    state: computed(() => (last.value === null ? 'waiting' : age.value < longestGap ? 'live' : 'missing')),
    age,
    rate: computed(() => {
      const recent = times.value.filter((time) => time > now.value - rateSpan);
      const [first = 0] = recent;
      const span = (recent.at(-1) ?? 0) - first;
      return span > 0 ? ((recent.length - 1) * 1000) / span : 0;
    }),
    counts,
    problem,
  };
}
