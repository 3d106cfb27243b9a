import { setTimeout as sleep } from "node:timers/promises";
import { type Load, longestPauseMs } from "../../proof/load.ts";
import type { ProberProcess } from "../../proof/start.ts";
import { timeoutMs } from "./load.ts";

const beforeMs = 300;
const leastAfterMs = 500;

/** Until the service has been asked for a moment and has answered all of it: however slow it is, there is something to compare with. */
export async function watchBefore({
  prober,
  startedAt,
}: {
  readonly prober: Pick<ProberProcess, "settle">;
  readonly startedAt: number;
}): Promise<void> {
  await sleep(Math.max(0, startedAt + beforeMs - performance.now()));
  const enough = new AbortController();
  await Promise.race([
    prober.settle().catch(() => undefined),
    sleep(timeoutMs, null, { signal: enough.signal }).catch(() => null),
  ]);
  enough.abort();
}

/** How long it is asked after the end: at least once at each place. What is asked then is waited for. */
export function afterMsOf(load: Load): number {
  return Math.min(timeoutMs, Math.max(leastAfterMs, longestPauseMs(load) ?? 0));
}
