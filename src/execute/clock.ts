import { setTimeout as delay } from "node:timers/promises";

/** Time as the loop knows it: a value and a wait, so that tests bring their own. */
export interface Clock {
  now(): number;
  /** Ends early, without an error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};

/** An operator whose clock is behind that of the one before goes on from where that one was: times never run backwards. */
export function notBefore(clock: Clock, at: number): Clock {
  const behindMs = Math.max(0, at - clock.now());
  if (behindMs === 0) return clock;
  return { now: () => clock.now() + behindMs, sleep: (ms, signal) => clock.sleep(ms, signal) };
}
