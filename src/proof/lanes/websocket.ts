import { blame } from "../blame.ts";
import { Connection } from "../connection.ts";
import { setDeadline } from "../deadline.ts";
import { encodeFrame, FrameReader, opcodes, type Frame } from "../frames.ts";
import type { Failure } from "../failure.ts";
import { beginLasting, endLasting, type Lasting, reopenLasting } from "../lasting.ts";
import type { SocketLane } from "../load.ts";
import { openingOf } from "../request.ts";
import { elapsed, record, type Sample } from "../tally.ts";
import { lostSince, type Run, type RunningLane } from "./running.ts";

const reopenMs = 20;
const closingMs = 1000;

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
    const ended = await talk(echoes, connection, () => {
      if (replaced !== undefined) reopenLasting(tally.lastings, replaced);
    });
    connection.destroy();
    before = ended.failure === undefined ? socket : undefined;
    if (!echoes.isStopped) endLasting(tally.lastings, socket, { how: "ended", ...ended });
    if (!echoes.isStopped) await new Promise((resolve) => setTimeout(resolve, reopenMs));
  }
}

/** How it was lost; without a failure: it was closed as it should, or by ourselves. */
type Ended = Pick<Sample, "failure" | "ownFault">;

function note(echoes: Echoes, dueMs: number, failure?: Failure, detail?: string): Ended {
  const { tally } = echoes.run;
  const endMs = elapsed(tally);
  const sample = blame(tally, { lane: echoes.lane.name, dueMs, endMs, isTimed: true, failure, detail });
  record(tally, sample);
  return { failure, ownFault: sample.ownFault };
}

async function talk(echoes: Echoes, connection: Connection, onOpen: () => void): Promise<Ended> {
  const { run, lane } = echoes;
  const dueMs = elapsed(run.tally);
  const exchange = await connection.exchange({
    timeoutMs: run.load.timeoutMs,
    lostMs: lostSince(run, dueMs),
    write: (socket) => socket.write(openingOf(lane, run.url)),
  });
  if (exchange.kind === "failure") return note(echoes, dueMs, exchange.failure, exchange.detail);
  const { status } = exchange.reply;
  if (status !== 101) {
    const failure = status >= 500 ? "5xx" : "wrong-answer";
    return note(echoes, dueMs, failure, `status ${status}`);
  }
  onOpen();
  return await echo(echoes, new Talk(connection, opcodes[lane.asks === "ping" ? "ping" : "text"]));
}

/** Sends and waits in turn, until the server says goodbye or the run ends. */
async function echo(echoes: Echoes, talk: Talk): Promise<Ended> {
  const { run, lane } = echoes;
  const what = lane.asks === "ping" ? "ping" : "message";
  for (let i = 0; !echoes.isStopped && !talk.isClosing; i++) {
    const dueMs = elapsed(run.tally);
    const answer = await talk.ask(`echo ${i}`, run.load.timeoutMs, lostSince(run, dueMs));
    if (answer === "never sent") break;
    if (answer === "answered") note(echoes, dueMs);
    else {
      const lost = note(echoes, dueMs, answer, `a ${what} was sent and its answer never came`);
      // It ended with that answer out: one loss, told once.
      if (answer === "closed" && !talk.isClosing) return lost;
    }
    await talk.pause(lane.everyMs);
  }
  if (talk.isClosing) run.tally.reopened++;
  const isCut = !talk.isClosing && !echoes.isStopped;
  const ended = isCut ? note(echoes, elapsed(run.tally), "closed", "ended without a close frame") : {};
  await talk.close();
  return ended;
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

  ask(text: string, timeoutMs: number, lostMs: () => number): Promise<"answered" | "never sent" | Failure> {
    if (this.isClosing || this.isEnded) return Promise.resolve("never sent");
    return new Promise((resolve) => {
      const cancelTimeout = setDeadline(timeoutMs, lostMs, () => this.settle("timeout"));
      this.wanted = {
        text,
        settle: (got) => {
          cancelTimeout();
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
    const { socket } = this.connection;
    // A server that is gone by now resets the connection: that is an end, too.
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.end(encodeFrame(opcodes.close, Buffer.from([3, 232])));
    const timer = setTimeout(() => this.connection.destroy(), closingMs);
    await closed;
    clearTimeout(timer);
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
