import net from "node:net";
import tls from "node:tls";
import { setDeadline } from "./deadline.ts";
import { classifyError, type Failure, sayError } from "./failure.ts";
import { ReplyReader, type Reply } from "./reply.ts";

export type Exchange =
  | { readonly kind: "answer"; readonly reply: Reply }
  | { readonly kind: "failure"; readonly failure: Failure; readonly detail: string };

export interface Exchanging {
  readonly timeoutMs: number;
  /** By how much the timeout is put off: time since the beginning in which nobody could have read an answer. */
  readonly lostMs?: (() => number) | undefined;
  /** Writes the request; called once the connection is up. May go on writing until `isOver()`. */
  write(socket: net.Socket, isOver: () => boolean): void;
  readonly onBody?: ((piece: Buffer) => void) | undefined;
  /** Its status and headers have come; the body may last. */
  readonly onHead?: ((status: number) => void) | undefined;
}

interface Turn {
  readonly reader: ReplyReader;
  readonly resolve: (exchange: Exchange) => void;
  readonly cancelTimeout: () => void;
}

/**
 * One client connection that answers for every request written on it: exactly one Exchange each, nothing is ever sent
 * twice. A connection that ends while idle is only marked unusable.
 */
export class Connection {
  isUsable = true;
  /** performance.now() after which the server may close it at any moment, as its Keep-Alive header announced. */
  expiresAt: number = Number.POSITIVE_INFINITY;
  readonly socket: net.Socket;
  private isConnected = false;
  private turn: Turn | undefined;
  private last: ReplyReader | undefined;
  private raw: ((piece: Buffer) => void) | undefined;
  private waiting: (() => void) | undefined;

  /** `lookup`: how its name is resolved; absent: as Node does, any address that answers. */
  constructor(url: URL, lookup?: net.LookupFunction) {
    const isTls = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port === "" ? (isTls ? 443 : 80) : url.port);
    const to = { host, port, ...(lookup === undefined ? {} : { lookup, autoSelectFamily: false }) };
    // No session is handed over, so each connection makes a full handshake.
    this.socket = isTls
      ? tls.connect({ ...to, servername: net.isIP(host) === 0 ? host : "" })
      : net.connect(to);
    this.socket.setNoDelay(true);
    this.socket.once(isTls ? "secureConnect" : "connect", () => this.onConnect());
    this.socket.on("data", (piece) => this.onData(piece));
    this.socket.on("end", () => this.onEnd());
    this.socket.on("error", (error) => this.onError(error));
    this.socket.on("close", () => this.onEnd());
  }

  /** Never rejects. The connection must be idle. */
  exchange(request: Exchanging): Promise<Exchange> {
    return new Promise((resolve) => {
      const cancelTimeout = setDeadline(request.timeoutMs, request.lostMs ?? (() => 0), () => {
        this.finish({
          kind: "failure",
          failure: "timeout",
          detail: `no full answer in ${request.timeoutMs} ms`,
        });
        this.destroy();
      });
      const turn: Turn = { reader: new ReplyReader(request), resolve, cancelTimeout };
      this.turn = turn;
      if (!this.isUsable) return this.fail("closed", "the connection ended before the request was written");
      const start = (): void => request.write(this.socket, () => this.turn !== turn);
      if (this.isConnected) start();
      else this.waiting = start;
    });
  }

  destroy(): void {
    this.isUsable = false;
    this.socket.destroy();
  }

  /** Leaves the closing to the server, which announced it. */
  awaitEnd(): void {
    this.isUsable = false;
    this.socket.setTimeout(1000, () => this.socket.destroy());
  }

  /** Closes from our side, nothing being under way. */
  end(): void {
    this.isUsable = false;
    this.socket.end();
  }

  /** After an upgrade every further byte goes to `onBytes`. */
  handOver(onBytes: (piece: Buffer) => void): void {
    this.raw = onBytes;
    const rest = this.last?.takeRest();
    if (rest !== undefined && rest.length > 0) onBytes(rest);
  }

  private onConnect(): void {
    this.isConnected = true;
    this.waiting?.();
    this.waiting = undefined;
  }

  private onData(piece: Buffer): void {
    if (this.raw !== undefined) return this.raw(piece);
    const reader = this.turn?.reader;
    if (reader === undefined) return this.destroy();
    reader.push(piece);
    if (reader.state === "broken") {
      this.fail("wrong-answer", "not a well-formed HTTP/1.1 answer");
      this.destroy();
    } else if (reader.state === "done") this.succeed(reader);
  }

  private onEnd(): void {
    this.isUsable = false;
    const reader = this.turn?.reader;
    if (reader === undefined) return;
    if (reader.end()) return this.succeed(reader);
    if (reader.bytes > 0) return this.fail("truncated", `closed after ${reader.bytes} bytes of the answer`);
    this.fail("closed", "closed without a byte of an answer");
  }

  private onError(error: NodeJS.ErrnoException): void {
    this.isUsable = false;
    const failure = classifyError(error, this.isConnected, this.turn?.reader.bytes ?? 0);
    this.fail(failure, sayError(error, failure));
  }

  private succeed(reader: ReplyReader): void {
    this.last = reader;
    const reply = reader.reply();
    if (!reply.isReusable) this.isUsable = false;
    const seconds = /timeout=(\d+)/.exec(reply.headers.get("keep-alive") ?? "")?.[1];
    this.expiresAt =
      seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(seconds) * 1000;
    this.finish({ kind: "answer", reply });
  }

  private fail(failure: Failure, detail: string): void {
    this.finish({ kind: "failure", failure, detail });
  }

  private finish(exchange: Exchange): void {
    const turn = this.turn;
    if (turn === undefined) return;
    this.turn = undefined;
    turn.cancelTimeout();
    turn.resolve(exchange);
  }
}
