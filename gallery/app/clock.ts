import { onScopeDispose, type Ref, ref } from 'vue';

/** The server's time in unix milliseconds, ticking every second; expiry is counted by it, not by the browser's clock. */
export interface Clock {
  now: Ref<number>;
  /** Sets the clock by the server's. */
  set(serverNow: number): void;
}

/** A clock that ticks until the surrounding scope ends. */
export function createClock(): Clock {
  let offset = 0;
  const now = ref(Date.now());
  const tick = () => {
    now.value = Date.now() + offset;
  };
  const timer = setInterval(tick, 1000);
  onScopeDispose(() => clearInterval(timer));
  return {
    now,
    set(serverNow) {
      offset = serverNow - Date.now();
      tick();
    },
  };
}
