import type { LookupFunction } from "node:net";
import type { Load } from "../load.ts";
import { stalledMs } from "../stalls.ts";
import { elapsed, type Tally } from "../tally.ts";

/** What a lane works with: the load it belongs to and where it writes down what it saw. */
export interface Run {
  readonly load: Load;
  readonly url: URL;
  /** How lasting lanes find its host; undefined: as Node does. */
  readonly lookup: LookupFunction | undefined;
  readonly tally: Tally;
}

/** To put a timeout off by: time since `sinceMs` of the run in which nobody could have read an answer. */
export function lostSince({ tally }: Run, sinceMs: number): () => number {
  return () => stalledMs(tally.stalls, sinceMs, elapsed(tally));
}

/** A lane that has been started. */
export interface RunningLane {
  /** Resolves when the requests under way now have ended (timeoutMs at most); what lasts on purpose is not waited for. */
  settle(): Promise<unknown>;
  /** Sends nothing new, waits for what is under way (timeoutMs at most), closes its connections. */
  stop(): Promise<void>;
}
