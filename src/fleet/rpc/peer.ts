import type { Readable, Writable } from "node:stream";
import type { Problem } from "../../problem.ts";
import { openAnswering } from "./answering.ts";
import { openAsking } from "./asking.ts";
import type { CallLive, Serve } from "./call.ts";
import { type Beat, defaultBeat, startHeartbeat } from "./heartbeat.ts";
import { longestLine, readLines } from "./lines.ts";
import { type Json, type Message, parseMessage } from "./messages.ts";

/** One side of a connection: asks, answers, or both. */
export interface Peer {
  /** Throws the Problem that the other side threw, or that of `lost` when the connection ends first. */
  call(method: string, params: readonly Json[], live?: CallLive): Promise<Json>;
  /** Resolves when the connection has ended, from whichever side. */
  readonly ended: Promise<Ending>;
  close(): void;
}

/** closed: by either side, at the end of a line. broken: in the middle of one, or what came was no message. */
type Ending = "closed" | "silence" | "broken";

export interface PeerOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Absent: this side only asks. */
  readonly serve?: Serve | undefined;
  readonly beat?: Beat | undefined;
  readonly longestLine?: number | undefined;
  /** What calls under way throw when the connection has ended. */
  readonly lost: (ending: Ending) => Problem;
}

export function openPeer(options: PeerOptions): Peer {
  const { input, output } = options;
  let ending: Ending | null = null;
  let tellEnding: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => (tellEnding = resolve));
  const send = (message: Message): void => {
    if (ending === null) output.write(`${JSON.stringify(message)}\n`);
  };
  const asking = openAsking(send);
  const answering = openAnswering(send, options.serve);
  const heartbeat = startHeartbeat(options.beat ?? defaultBeat, {
    beat: () => send({ notice: "beat" }),
    silence: () => end("silence"),
  });
  const end = (why: Ending): void => {
    if (ending !== null) return;
    ending = why;
    heartbeat.stop();
    input.destroy();
    output.end();
    asking.end(options.lost(why));
    answering.end();
    tellEnding(why);
  };
  const lines = readLines((line) => {
    const message = parseMessage(line);
    if (message === null) return end("broken");
    if (!asking.hear(message)) answering.hear(message);
  }, options.longestLine ?? longestLine);
  input.on("data", (chunk: Buffer) => {
    heartbeat.heard();
    if (!lines.write(chunk)) end("broken");
  });
  input.on("close", () => end(lines.isBetween() ? "closed" : "broken"));
  input.on("end", () => end(lines.isBetween() ? "closed" : "broken"));
  input.on("error", () => end("broken"));
  output.on("error", () => end("broken"));
  return {
    call: (method, params, live) =>
      ending === null ? asking.call(method, params, live) : Promise.reject(options.lost(ending)),
    ended,
    close: () => end("closed"),
  };
}
