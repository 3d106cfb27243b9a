import { once } from "node:events";
import { Connection } from "../connection.ts";
import { encodeFrame, FrameReader, opcodes, type Frame } from "../frames.ts";
import type { Failure } from "../failure.ts";
import { beginLasting, endLasting, type Lasting, reopenLasting } from "../lasting.ts";
import type { SocketLane } from "../load.ts";
import { openingOf } from "../request.ts";
import { elapsed, record } from "../tally.ts";
import type { Run, RunningLane } from "./running.ts";

const reopenMs = 20;

interface Echoes {
  readonly run: Run;
  readonly lane: SocketLane;
  isStopped: boolean;
  readonly open: Set<Connection>;
}

/** WebSockets that send a text or a ping every `everyMs` and want it back. */
export function startWebSockets(lane: SocketLane, run: Run): RunningLane {
  const echoes: Echoes = { run, lane, isStopped: false, open: new Set() };
  const holders = Array.from({ length: lane.connections }, () => hold(echoes));
  return {
    settle: () => Promise.resolve(),
    async stop() {
      echoes.isStopped = true;
      await Promise.all(holders);
    },
  };
}

async function hold(echoes: Echoes): Promise<void> {
  const { url, lookup, tally } = echoes.run;
  let before: Lasting | undefined;
  while (!echoes.isStopped) {
    const connection = new Connection(url, lookup);
    const socket = beginLasting(tally.lastings, echoes.lane.name);
    const replaced = before;
    const failure = await talk(echoes, connection, () => {
      if (replaced !== undefined) reopenLasting(tally.lastings, replaced);
    });
    connection.destroy();
    before = failure === undefined ? socket : undefined;
    if (!echoes.isStopped) endLasting(tally.lastings, socket, { how: "ended", failure });
    if (!echoes.isStopped) await new Promise((resolve) => setTimeout(resolve, reopenMs));
  }
}

function note(echoes: Echoes, dueMs: number, failure?: Failure, detail?: string): void {
  const { tally } = echoes.run;
  record(tally, {
    lane: echoes.lane.name,
    dueMs,
    endMs: elapsed(tally),
    isTimed: true,
    failure,
    detail,
  });
}

/** Answers how it was lost; undefined: it was closed as it should, or by ourselves. */
async function talk(
  echoes: Echoes,
  connection: Connection,
  onOpen: () => void,
): Promise<Failure | undefined> {
  const { run, lane } = echoes;
  const dueMs = elapsed(run.tally);
  const exchange = await connection.exchange({
    timeoutMs: run.load.timeoutMs,
    write: (socket) => socket.write(openingOf(lane, run.url)),
  });
  if (exchange.kind === "failure") {
    note(echoes, dueMs, exchange.failure, exchange.detail);
    return exchange.failure;
  }
  const { status } = exchange.reply;
  if (status !== 101) {
    const failure = status >= 500 ? "5xx" : "wrong-answer";
    note(echoes, dueMs, failure, `status ${status}`);
    return failure;
  }
  onOpen();
  return await echo(echoes, new Talk(connection, opcodes[lane.asks === "ping" ? "ping" : "text"]));
}

/** Sends and waits in turn, until the server says goodbye or the run ends. */
async function echo(echoes: Echoes, talk: Talk): Promise<Failure | undefined> {
  const { run, lane } = echoes;
  for (let i = 0; !echoes.isStopped && !talk.isClosing; i++) {
    const dueMs = elapsed(run.tally);
    const answer = await talk.ask(`echo ${i}`, run.load.timeoutMs);
    if (answer === "never sent") break;
    if (answer === "answered") note(echoes, dueMs);
    else
      note(
        echoes,
        dueMs,
        answer,
        `a ${lane.asks === "ping" ? "ping" : "message"} was sent and its answer never came`,
      );
    await talk.pause(lane.everyMs);
  }
  const failure = talk.isClosing || echoes.isStopped ? undefined : "closed";
  if (talk.isClosing) run.tally.reopened++;
  else if (failure !== undefined) note(echoes, elapsed(run.tally), failure, "ended without a close frame");
  await talk.close();
  return failure;
}

/** One open WebSocket after its handshake. */
class Talk {
  /** The server sent a close frame: nothing new is sent, an echo under way may still come. */
  isClosing = false;
  private isEnded = false;
  private readonly asks: number;
  private readonly connection: Connection;
  private readonly reader = new FrameReader();
  private wanted: { readonly text: string; readonly settle: (got: "answered" | Failure) => void } | undefined;
  private wake: (() => void) | undefined;

  constructor(connection: Connection, asks: number) {
    this.connection = connection;
    this.asks = asks;
    connection.handOver((piece) => this.onData(piece));
    connection.socket.once("close", () => this.onEnd());
    connection.socket.once("end", () => this.onEnd());
  }

  ask(text: string, timeoutMs: number): Promise<"answered" | "never sent" | Failure> {
    if (this.isClosing || this.isEnded) return Promise.resolve("never sent");
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle("timeout"), timeoutMs);
      this.wanted = {
        text,
        settle: (got) => {
          clearTimeout(timer);
          resolve(got);
        },
      };
      this.connection.socket.write(encodeFrame(this.asks, Buffer.from(text)));
    });
  }

  pause(ms: number): Promise<void> {
    if (this.isClosing || this.isEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    if (this.isEnded) return;
    const closed = once(this.connection.socket, "close");
    this.connection.socket.end(encodeFrame(opcodes.close, Buffer.from([3, 232])));
    this.connection.socket.setTimeout(1000, () => this.connection.destroy());
    await closed;
  }

  private onData(piece: Buffer): void {
    for (const frame of this.reader.push(piece)) this.onFrame(frame);
  }

  private onFrame(frame: Frame): void {
    if (frame.opcode === opcodes.close) {
      this.isClosing = true;
      this.wake?.();
    } else if (frame.opcode === opcodes.ping) {
      this.connection.socket.write(encodeFrame(opcodes.pong, frame.payload));
    } else if (frame.payload.toString("utf8") === this.wanted?.text) this.settle("answered");
  }

  private onEnd(): void {
    this.isEnded = true;
    this.settle("closed");
    this.wake?.();
  }

  private settle(got: "answered" | Failure): void {
    const wanted = this.wanted;
    this.wanted = undefined;
    wanted?.settle(got);
  }
}
