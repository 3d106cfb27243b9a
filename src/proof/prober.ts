import type { Lane, Load } from "./load.ts";
import { startEvents } from "./lanes/events.ts";
import { startRequests } from "./lanes/requests.ts";
import type { Run, RunningLane } from "./lanes/running.ts";
import { startWebSockets } from "./lanes/websocket.ts";
import { pace } from "./pace.ts";
import type { ProofResult } from "./result.ts";
import { summarise } from "./summary.ts";
import { createTally, elapsed, type Tally } from "./tally.ts";

const lagChecksPerSecond = 100;

/** A prober under way. */
export interface Prober {
  /** Opens a named window, for example around a deploy; an open one ends. */
  begin(name: string): void;
  end(): void;
  progress(): Progress;
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
  const run: Run = { load, url: new URL(load.url), tally };
  const stopLag = pace(lagChecksPerSecond, (dueAt) => {
    tally.lags.push({ dueMs: dueAt - tally.origin, lateMs: performance.now() - dueAt });
  });
  const lanes = load.lanes.map((lane) => start(lane, run));
  const end = (): void => {
    const open = tally.windows.at(-1);
    if (open?.toMs === null) open.toMs = elapsed(tally);
  };
  return {
    begin(name) {
      end();
      tally.windows.push({ name, fromMs: elapsed(tally), toMs: null });
    },
    end,
    progress: counting(tally),
    async stop() {
      const durationMs = elapsed(tally);
      await Promise.all(lanes.map((lane) => lane.stop()));
      stopLag();
      return summarise(tally, load, durationMs);
    },
  };
}

/** Looks at each sample once: there may be a million of them. */
function counting({ samples }: Tally): () => Progress {
  let sent = 0;
  let failed = 0;
  let last: string | null = null;
  return () => {
    for (; sent < samples.length; sent++) {
      const { failure, version } = samples[sent] ?? {};
      if (failure !== undefined) failed++;
      last = version ?? last;
    }
    return { sent, failed, version: last };
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
