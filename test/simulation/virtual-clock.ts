import type { Clock } from "../../src/execute/clock.ts";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Time that jumps to the next timer whenever nothing else is left to do. */
export function createVirtualClock(start = 1_000_000): Clock {
  let now = start;
  let isArmed = false;
  const timers = new Set<Timer>();
  const advance = (): void => {
    isArmed = false;
    const [next] = [...timers].sort((a, b) => a.at - b.at);
    if (next === undefined) return;
    timers.delete(next);
    now = Math.max(now, next.at);
    next.ring();
    arm();
  };
  const arm = (): void => {
    if (isArmed || timers.size === 0) return;
    isArmed = true;
    setImmediate(advance);
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const timer = { at: now + ms, ring: resolve };
        timers.add(timer);
        signal?.addEventListener("abort", () => {
          timers.delete(timer);
          resolve();
        });
        arm();
      }),
  };
}
