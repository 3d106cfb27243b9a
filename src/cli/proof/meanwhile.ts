import { setTimeout as sleep } from "node:timers/promises";

const firstMs = 500;
const mostMs = 30_000;
const growth = 1.2;

export interface Meanwhile {
  /** Resolves when nothing is written any more. */
  stop(): Promise<void>;
}

/** Again and again, often at first, so that little is lost with an operator that dies; what fails is done again later. */
export function meanwhile(work: () => Promise<unknown>): Meanwhile {
  const over = new AbortController();
  const working = (async () => {
    for (let waitMs = firstMs; ; waitMs = Math.min(mostMs, waitMs * growth)) {
      const isOver = await sleep(waitMs, false, { signal: over.signal }).catch(() => true);
      if (isOver) return;
      await work().catch(() => undefined);
    }
  })();
  return {
    async stop() {
      over.abort();
      await working;
    },
  };
}
