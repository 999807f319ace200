import { computed, type Ref, ref, shallowReactive } from 'vue';
import type { GalleryServer } from './server';

/** How long an answer may take, in milliseconds, before the page says that none came. */
const patience = 30_000;

/** The pictures that have been asked for here and not come yet. */
export interface Captures {
  pending: Ref<boolean>;
  /** What the button says: how far it is. */
  words: Ref<string>;
  /** Asks these cameras for a picture each. */
  ask(cameras: readonly string[]): Promise<void>;
  /** The answer to a transaction has come. Returns whether it was asked for here. */
  answered(transaction: string | null): boolean;
}

/** Nothing asked for yet. `tell` is given what a person should read. */
export function createCaptures(server: GalleryServer, tell: (text: string) => void): Captures {
  const asking = ref(0);
  const asked = ref(0);
  const done = ref(0);
  const waiting = shallowReactive(new Map<string, ReturnType<typeof setTimeout>>());
  // An answer can overtake the response that names its transaction.
  const early = new Set<string>();

  async function askOne(camera: string): Promise<void> {
    const transaction = await server.capture(camera);
    if (early.delete(transaction)) {
      done.value++;
      return;
    }
    const giveUp = () => {
      waiting.delete(transaction);
      tell(`${camera} has not answered for ${patience / 1000} seconds. Is its agent running?`);
    };
    waiting.set(transaction, setTimeout(giveUp, patience));
  }

  const pending = computed(() => asking.value + waiting.size > 0);
  return {
    pending,
    words: computed(() => {
      if (!pending.value) return 'Take a picture';
      return asked.value > 1 ? `Taking ${Math.min(done.value + 1, asked.value)} of ${asked.value}` : 'Taking a picture';
    }),
    async ask(cameras) {
      asked.value = cameras.length;
      done.value = 0;
      asking.value++;
      try {
        const results = await Promise.allSettled(cameras.map(askOne));
        const refused = results.find((result) => result.status === 'rejected');
        if (refused !== undefined) throw refused.reason;
      } finally {
        asking.value--;
        if (asking.value === 0) early.clear();
      }
    },
    answered(transaction) {
      if (transaction === null) return false;
      if (asking.value > 0) early.add(transaction);
      clearTimeout(waiting.get(transaction));
      if (!waiting.delete(transaction)) return asking.value > 0;
      done.value++;
      return true;
    },
  };
}
