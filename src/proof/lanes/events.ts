import { Connection } from "../connection.ts";
import { judge } from "../judge-reply.ts";
import type { EventsLane } from "../load.ts";
import { beginLasting, endLasting, type Lasting, reopenLasting } from "../lasting.ts";
import { openingOf } from "../request.ts";
import { elapsed, record } from "../tally.ts";
import type { Run, RunningLane } from "./running.ts";

/** Longer than any run; a timer can wait no longer. */
const streamMs = 2 ** 31 - 1;
const reopenMs = 20;

/** Holds server-sent event streams open: a clean end is followed by a reconnect, a cut or a silence is a loss. */
export function startEvents(lane: EventsLane, run: Run): RunningLane {
  const state = { isStopped: false, open: new Set<Connection>() };
  const holders = Array.from({ length: lane.connections }, () => hold(lane, run, state));
  return {
    settle: () => Promise.resolve(),
    async stop() {
      state.isStopped = true;
      for (const connection of state.open) connection.destroy();
      await Promise.all(holders);
    },
  };
}

async function hold(
  lane: EventsLane,
  run: Run,
  state: { readonly isStopped: boolean; readonly open: Set<Connection> },
): Promise<void> {
  const { lastings } = run.tally;
  let before: Lasting | undefined;
  while (!state.isStopped) {
    const dueMs = elapsed(run.tally);
    const stream = beginLasting(lastings, lane.name);
    const replaced = before;
    before = undefined;
    const connection = new Connection(run.url, run.lookup);
    state.open.add(connection);
    const outcome = await follow(lane, run, connection, () => {
      if (replaced !== undefined) reopenLasting(lastings, replaced);
    });
    state.open.delete(connection);
    connection.destroy();
    // Ended by ourselves: an answer as far as it went.
    const failed = state.isStopped ? {} : outcome;
    record(run.tally, { lane: lane.name, dueMs, endMs: elapsed(run.tally), isTimed: false, ...failed });
    if (!state.isStopped) {
      endLasting(lastings, stream, { how: "ended", ...failed });
      if (failed.failure === undefined) {
        run.tally.reopened++;
        before = stream;
      }
      await new Promise((resolve) => setTimeout(resolve, reopenMs));
    }
  }
}

async function follow(lane: EventsLane, run: Run, connection: Connection, onOpen: () => void) {
  const { timeoutMs } = run.load;
  let lastAt = performance.now();
  let isSilent = false;
  const watch = setInterval(() => {
    isSilent = performance.now() - lastAt > timeoutMs;
    if (isSilent) connection.destroy();
  }, 100);
  const exchange = await connection.exchange({
    timeoutMs: streamMs,
    write: (socket) => socket.write(openingOf(lane, run.url)),
    onHead: (status) => {
      if (status === 200) onOpen();
    },
    onBody: () => {
      lastAt = performance.now();
    },
  });
  clearInterval(watch);
  if (isSilent) return { failure: "timeout" as const, detail: `no event for ${timeoutMs} ms` };
  if (exchange.kind === "failure") return { failure: exchange.failure, detail: exchange.detail };
  return judge(exchange.reply, undefined, {});
}
