import type { LookupFunction } from "node:net";
import { addressesInTurn, anyAddress } from "../addresses.ts";
import { blame } from "../blame.ts";
import { Connection, type Exchange } from "../connection.ts";
import { judge, versionOf } from "../judge-reply.ts";
import { beginLasting, endLasting } from "../lasting.ts";
import type { RequestLane } from "../load.ts";
import { pace } from "../pace.ts";
import { Pool } from "../pool.ts";
import { writeRequest } from "../request.ts";
import { elapsed, record, recordBehind, type Sample } from "../tally.ts";
import { lostSince, type Run, type RunningLane } from "./running.ts";

/** A worker that was refused waits this long, so that a closed loop does not spin. */
const afterFailureMs = 10;

/** What the requests of one lane have in common. */
interface Sending {
  readonly lane: RequestLane;
  readonly run: Run;
  readonly url: URL;
  readonly pool: Pool | undefined;
  readonly lookup: LookupFunction | undefined;
  /** Connections of requests that last on purpose, and when each will have been sent. */
  readonly long: Map<Connection, number>;
}

export function startRequests(lane: RequestLane, run: Run): RunningLane {
  const url = lane.url === undefined ? run.url : new URL(lane.url);
  const at = lane.url === undefined ? run.load.at : lane.at;
  const pool =
    lane.connection === "keep-alive" ? new Pool(url, lane.connections ?? 1, anyAddress(url, at)) : undefined;
  const sending: Sending = { lane, run, url, pool, lookup: addressesInTurn(url, at), long: new Map() };
  const underWay = new Set<Promise<unknown>>();
  const track = (work: Promise<unknown>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const send = (dueAt: number): Promise<boolean> => sendOne(sending, dueAt);
  const isBehind = (dueAt: number, lateMs: number): void =>
    recordBehind(run.tally, dueAt - run.tally.origin, lateMs);
  const stopLoop =
    lane.loop.kind === "open"
      ? pace(lane.loop.ratePerSecond, (dueAt) => track(send(dueAt)), isBehind)
      : work(lane.loop.workers, send, track);
  const isOpen = lane.loop.kind === "open" && lane.isLong !== true;
  return {
    settle: () => (isOpen ? Promise.all(underWay) : Promise.resolve()),
    async stop() {
      stopLoop();
      abandon(sending.long);
      await Promise.all(underWay);
      pool?.close();
    },
  };
}

/** What is still being sent is ended by ourselves, so it is neither answered nor lost; what was sent is waited for. */
function abandon(long: Map<Connection, number>): void {
  for (const [connection, sentAt] of long) {
    if (sentAt <= performance.now()) continue;
    long.delete(connection);
    connection.destroy();
  }
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

async function sendOne(sending: Sending, dueAt: number): Promise<boolean> {
  const { lane, run, url, pool, lookup, long } = sending;
  const connection = pool?.take() ?? new Connection(url, lookup);
  const isLong = lane.isLong === true;
  if (isLong) long.set(connection, performance.now() + (lane.headMs ?? lane.uploadMs ?? 0));
  const { lastings } = run.tally;
  const upload = lane.uploadBytes === undefined ? undefined : beginLasting(lastings, lane.name);
  let sentBytes = 0;
  const onSent = (bytes: number): void => void (sentBytes = bytes);
  const exchange = await connection.exchange({
    timeoutMs: run.load.timeoutMs,
    lostMs: lostSince(run, elapsed(run.tally)),
    write: (socket, isOver) => writeRequest({ lane, url, socket, isOver, onSent }),
  });
  if (isLong && !long.delete(connection)) return true;
  const told = withProgress(outcome(exchange, lane, run), lane, sentBytes);
  const [dueMs, endMs] = [dueAt - run.tally.origin, elapsed(run.tally)];
  const sample = blame(run.tally, { lane: lane.name, dueMs, endMs, isTimed: !isLong, ...told });
  if (upload !== undefined) endLasting(lastings, upload, { how: "answered", ...sample });
  record(run.tally, sample);
  if (pool === undefined) connection.awaitEnd();
  else pool.give(connection);
  return told.failure === undefined;
}

type Outcome = Pick<Sample, "failure" | "detail" | "version">;

/** An upload that was cut or refused on its way reads otherwise than one that was sent in full. */
function withProgress(told: Outcome, { uploadBytes }: RequestLane, sentBytes: number): Outcome {
  if (told.failure === undefined || uploadBytes === undefined || sentBytes >= uploadBytes) return told;
  const percent = Math.floor((100 * sentBytes) / uploadBytes);
  return { ...told, detail: `${told.detail ?? told.failure}, with ${percent} % of the upload sent` };
}

function outcome(exchange: Exchange, lane: RequestLane, run: Run): Outcome {
  if (exchange.kind === "failure") return { failure: exchange.failure, detail: exchange.detail };
  const version = versionOf(exchange.reply, run.load.version);
  return { version, ...judge(exchange.reply, version, lane.expect ?? {}) };
}
