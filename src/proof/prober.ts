import { anyAddress } from "./addresses.ts";
import type { Lane, Load } from "./load.ts";
import { startEvents } from "./lanes/events.ts";
import { startRequests } from "./lanes/requests.ts";
import type { Run, RunningLane } from "./lanes/running.ts";
import { startWebSockets } from "./lanes/websocket.ts";
import { beginSwitch, endSwitch } from "./lasting.ts";
import { pace } from "./pace.ts";
import type { ProofResult } from "./result.ts";
import { seeAlive } from "./stalls.ts";
import { summarise } from "./summary.ts";
import { aliveEveryMs, beginWindow, createTally, elapsed, endRun, endWindow, recordLag } from "./tally.ts";

/** A prober under way. */
export interface Prober {
  /** Opens a named window, for example around a deploy, so long ago; an open one ends. */
  begin(name: string, agoMs?: number): void;
  end(agoMs?: number): void;
  /** Traffic is about to go elsewhere: what is under way until it was switched is told of by itself. */
  switching(): void;
  switched(): void;
  /** Resolves when the requests sent until now have ended: timeoutMs at most. */
  settle(): Promise<unknown>;
  progress(): Progress;
  /** What was seen so far, as if the run ended now. */
  look(): ProofResult;
  /** Sends nothing new, waits for every answer (timeoutMs at most) and tells what was seen. */
  stop(): Promise<ProofResult>;
}

export interface Progress {
  readonly sent: number;
  readonly failed: number;
  /** Version of the last answer that told one. */
  readonly version: string | null;
}

/** Starts all lanes at once, in this process. No request is ever sent twice. */
export function runProber(load: Load): Prober {
  const tally = createTally();
  if (load.window !== undefined) beginWindow(tally, load.window, 0);
  const url = new URL(load.url);
  const run: Run = { load, url, lookup: anyAddress(url, load.at), tally };
  const stopLag = pace(1000 / aliveEveryMs, (dueAt) => {
    seeAlive(tally.stalls, elapsed(tally));
    recordLag(tally, dueAt - tally.origin, performance.now() - dueAt);
  });
  const lanes = load.lanes.map((lane) => start(lane, run));
  return {
    begin: (name, agoMs = 0) => beginWindow(tally, name, elapsed(tally) - agoMs),
    end: (agoMs = 0) => endWindow(tally, elapsed(tally) - agoMs),
    switching: () => beginSwitch(tally.lastings),
    switched: () => endSwitch(tally.lastings),
    settle: () => Promise.all(lanes.map((lane) => lane.settle())),
    progress() {
      const { total, lastVersion: version } = tally;
      return { sent: total.sent, failed: total.failed, version };
    },
    look: () => summarise({ ...tally, durationMs: elapsed(tally) }, load),
    async stop() {
      endRun(tally, elapsed(tally));
      await Promise.all(lanes.map((lane) => lane.stop()));
      stopLag();
      return summarise(tally, load);
    },
  };
}

function start(lane: Lane, run: Run): RunningLane {
  switch (lane.kind) {
    case "requests":
      return startRequests(lane, run);
    case "events":
      return startEvents(lane, run);
    case "websocket":
      return startWebSockets(lane, run);
  }
}
