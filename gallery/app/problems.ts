import { type Ref, ref } from 'vue';
import * as z from 'zod/mini';
import type { Clock } from './clock';
import { ServerError } from './server';

/** What people are told of what does not work, and whether the server is there. */
export interface Problems {
  /** A line for people, empty if there is nothing to say. */
  notice: Ref<string>;
  /** Why the server has nothing to show, for as long as that lasts; empty if it has, or if it is said elsewhere. */
  away: Ref<string>;
  /** Since when (unix milliseconds) the live events are missing; null while they come. */
  lostSince: Ref<number | null>;
  tell(text: string): void;
  /** Tells of an error in words. An absent answer shows as the line "connection lost" until one comes. */
  report(error: unknown): void;
  /** Runs something that can fail, and reports it if it does. */
  attempt(action: () => Promise<unknown>): Promise<void>;
  /** The live events come, or are missing. */
  connected(streaming: boolean): void;
  /** Tells nothing more. */
  stop(): void;
}

const unreadableWords =
  'The gallery sent something that this page does not understand. Reload it: it may be an old one.';

/** How long a line for people stands, in milliseconds. */
const noticeMilliseconds = 8000;

/** What the server says while Redis is away: nothing new can be seen until it is back. */
const awayCode = 'store_unavailable';

/** How long to wait before the server is asked again that did not answer, or could not. */
const retryMilliseconds = 3000;

/** No problems yet. */
export function createProblems(parts: {
  clock: Clock;
  /** Whether an error is said, or will be said, where people look anyway. */
  saysItself(error: ServerError): boolean;
  /** Asks the server for something, to learn whether it answers. */
  ask(): Promise<void>;
  /** What was missed may be read now: the server is there, and its live events come. */
  returned(): void;
}): Problems {
  const { clock, saysItself, ask, returned } = parts;
  const notice = ref('');
  const away = ref('');
  const lostSince = ref<number | null>(null);
  let noticeTimer: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let streaming = false;
  /** When the server last answered after all, by the clock that never jumps. */
  let answeredAt = Number.NEGATIVE_INFINITY;

  function tell(text: string): void {
    notice.value = text;
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(() => {
      notice.value = '';
    }, noticeMilliseconds);
  }

  function retryLater(): void {
    clearTimeout(retry);
    retry = setTimeout(() => void attempt(tryAgain), retryMilliseconds);
  }

  function report(error: unknown): void {
    if (error instanceof ServerError && error.status === 0) {
      lostSince.value ??= clock.now.value;
      retryLater();
    } else if (error instanceof ServerError) {
      const saidAnyway = saysItself(error);
      // What is still refused then, a right that is missing for example, will be when it is asked for again.
      const lasts = performance.now() - answeredAt < retryMilliseconds;
      if (error.code === awayCode && !lasts) {
        // It may have been told before it was known that it will stand elsewhere.
        away.value = saidAnyway ? '' : error.message;
        retryLater();
      } else if (!saidAnyway) tell(error.message);
    } else {
      console.error(error);
      const unreadable = error instanceof SyntaxError || error instanceof z.core.$ZodError;
      tell(unreadable ? unreadableWords : `That did not work: ${error instanceof Error ? error.message : error}`);
    }
  }

  async function tryAgain(): Promise<void> {
    await ask();
    answeredAt = performance.now();
    away.value = '';
    // While the live events are missing too, their return tells.
    if (streaming) connected(true);
  }

  async function attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      report(error);
    }
  }

  function connected(now: boolean): void {
    streaming = now;
    if (!now) lostSince.value ??= clock.now.value;
    else {
      lostSince.value = null;
      returned();
    }
  }

  return {
    notice,
    away,
    lostSince,
    tell,
    report,
    attempt,
    connected,
    stop() {
      clearTimeout(noticeTimer);
      clearTimeout(retry);
    },
  };
}
