import type { LookupFunction } from "node:net";
import { addressesInTurn } from "../addresses.ts";
import { Connection, type Exchange } from "../connection.ts";
import { judge, versionOf } from "../judge-reply.ts";
import type { RequestLane } from "../load.ts";
import { pace } from "../pace.ts";
import { Pool } from "../pool.ts";
import { writeRequest } from "../request.ts";
import type { Run, RunningLane } from "./running.ts";

/** A worker that was refused waits this long, so that a closed loop does not spin. */
const afterFailureMs = 10;

export function startRequests(lane: RequestLane, run: Run): RunningLane {
  const pool = lane.connection === "keep-alive" ? new Pool(run.url, lane.connections ?? 1) : undefined;
  const lookup = addressesInTurn(run.url);
  const underWay = new Set<Promise<unknown>>();
  const track = (work: Promise<unknown>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const send = (dueAt: number): Promise<boolean> => sendOne(lane, run, { pool, lookup, dueAt });
  const stopLoop =
    lane.loop.kind === "open"
      ? pace(lane.loop.ratePerSecond, (dueAt) => track(send(dueAt)))
      : work(lane.loop.workers, send, track);
  return {
    async stop() {
      stopLoop();
      await Promise.all(underWay);
      pool?.close();
    },
  };
}

function work(
  workers: number,
  send: (at: number) => Promise<boolean>,
  track: (work: Promise<unknown>) => void,
) {
  const state = { isStopped: false };
  const worker = async (): Promise<void> => {
    while (!state.isStopped) {
      // Lets the event loop read an end that has arrived before the next request is written.
      await new Promise((resolve) => setImmediate(resolve));
      const isAnswered = await send(performance.now());
      if (!isAnswered) await new Promise((resolve) => setTimeout(resolve, afterFailureMs));
    }
  };
  for (let i = 0; i < workers; i++) track(worker());
  return (): void => {
    state.isStopped = true;
  };
}

async function sendOne(
  lane: RequestLane,
  run: Run,
  at: {
    readonly pool: Pool | undefined;
    readonly lookup: LookupFunction | undefined;
    readonly dueAt: number;
  },
): Promise<boolean> {
  const connection = at.pool?.take() ?? new Connection(run.url, at.lookup);
  const exchange = await connection.exchange({
    timeoutMs: run.load.timeoutMs,
    write: (socket, isOver) => writeRequest({ lane, url: run.url, socket, isOver }),
  });
  const { origin, samples } = run.tally;
  samples.push({
    lane: lane.name,
    dueMs: at.dueAt - origin,
    endMs: performance.now() - origin,
    isTimed: true,
    ...outcome(exchange, lane, run),
  });
  if (at.pool === undefined) connection.awaitEnd();
  else at.pool.give(connection);
  return samples.at(-1)?.failure === undefined;
}

function outcome(exchange: Exchange, lane: RequestLane, run: Run) {
  if (exchange.kind === "failure") return { failure: exchange.failure, detail: exchange.detail };
  const version = versionOf(exchange.reply, run.load.version);
  return { version, ...judge(exchange.reply, version, lane.expect ?? {}) };
}
