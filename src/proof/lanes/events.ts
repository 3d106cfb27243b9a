import { blame } from "../blame.ts";
import { Connection } from "../connection.ts";
import { judge } from "../judge-reply.ts";
import type { EventsLane } from "../load.ts";
import { beginLasting, endLasting, type Lasting, reopenLasting } from "../lasting.ts";
import { openingOf } from "../request.ts";
import { elapsed, record, type Sample } from "../tally.ts";
import { lostSince, type Run, type RunningLane } from "./running.ts";

/** Longer than any run; a timer can wait no longer. */
const streamMs = 2 ** 31 - 1;
const reopenMs = 20;
const defaultSilenceMs = 60_000;
const silenceChecksMs = 100;

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
    const { aliveMs, ...outcome } = await follow(lane, run, connection, () => {
      if (replaced !== undefined) reopenLasting(lastings, replaced);
    });
    state.open.delete(connection);
    connection.destroy();
    // Ended by ourselves: an answer as far as it went.
    const failed = state.isStopped ? {} : outcome;
    const ended = { lane: lane.name, dueMs, endMs: elapsed(run.tally), isTimed: false, ...failed };
    const sample = blame(run.tally, ended, aliveMs);
    record(run.tally, sample);
    if (!state.isStopped) {
      endLasting(lastings, stream, { how: "ended", ...sample });
      if (sample.failure === undefined) {
        run.tally.reopened++;
        before = stream;
      }
      await new Promise((resolve) => setTimeout(resolve, reopenMs));
    }
  }
}

interface Followed extends Pick<Sample, "failure" | "detail"> {
  /** When something last came. */
  readonly aliveMs: number;
}

async function follow(
  lane: EventsLane,
  run: Run,
  connection: Connection,
  onOpen: () => void,
): Promise<Followed> {
  let aliveMs = elapsed(run.tally);
  let mostMs = run.load.timeoutMs;
  let isSilent = false;
  const watch = setInterval(() => {
    isSilent = elapsed(run.tally) - aliveMs - lostSince(run, aliveMs)() > mostMs;
    if (isSilent) connection.destroy();
  }, silenceChecksMs);
  const exchange = await connection.exchange({
    timeoutMs: streamMs,
    write: (socket) => socket.write(openingOf(lane, run.url)),
    onHead: (status) => {
      aliveMs = elapsed(run.tally);
      mostMs = lane.silenceMs ?? defaultSilenceMs;
      if (status === 200) onOpen();
    },
    onBody: () => {
      aliveMs = elapsed(run.tally);
    },
  });
  clearInterval(watch);
  if (isSilent) return { aliveMs, failure: "timeout", detail: `nothing came for ${mostMs} ms` };
  if (exchange.kind === "failure") return { aliveMs, failure: exchange.failure, detail: exchange.detail };
  return { aliveMs, ...judge(exchange.reply, undefined, {}) };
}
