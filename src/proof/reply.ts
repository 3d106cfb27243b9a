/** A strict reader of one HTTP/1.1 answer: whatever is not complete and well-formed is not an answer. */

export interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly bytes: number;
  readonly isReusable: boolean;
}

/** Who is told of it while it is read. */
interface Told {
  readonly onHead?: ((status: number) => void) | undefined;
  readonly onBody?: ((piece: Buffer) => void) | undefined;
}

type Mode =
  | { readonly kind: "head" }
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunk-size" | "chunk-end" | "trailer" | "until-close" | "done" | "broken" }
  | { readonly kind: "chunk"; left: number };

const keptBytes = 256 * 1024;
const headLimit = 64 * 1024;

export class ReplyReader {
  bytes = 0;
  private mode: Mode = { kind: "head" };
  private rest: Buffer = Buffer.alloc(0);
  private status = 0;
  private version = "1.1";
  private headers = new Map<string, string>();
  private readonly kept: Buffer[] = [];
  private keptSize = 0;
  private readonly told: Told;

  constructor(told: Told = {}) {
    this.told = told;
  }

  get state(): "reading" | "done" | "broken" {
    return this.mode.kind === "done" ? "done" : this.mode.kind === "broken" ? "broken" : "reading";
  }

  push(piece: Buffer): void {
    this.bytes += piece.length;
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    while (this.step());
    // Bytes after the end belong to no request of ours.
    if (this.mode.kind === "done" && this.rest.length > 0 && this.status !== 101)
      this.mode = { kind: "broken" };
  }

  /** The peer ended the stream: complete only for a body that lasts until then. */
  end(): boolean {
    if (this.mode.kind === "until-close") this.mode = { kind: "done" };
    return this.mode.kind === "done";
  }

  reply(): Reply {
    const connection = (this.headers.get("connection") ?? "").toLowerCase();
    const isFramed = this.headers.has("content-length") || this.headers.has("transfer-encoding");
    const isReusable =
      this.version === "1.1" && !connection.includes("close") && (isFramed || isBodiless(this.status));
    const body = Buffer.concat(this.kept).toString("utf8");
    return { status: this.status, headers: this.headers, body, bytes: this.bytes, isReusable };
  }

  /** The bytes behind the head of an upgrade answer. */
  takeRest(): Buffer {
    const rest = this.rest;
    this.rest = Buffer.alloc(0);
    return rest;
  }

  private step(): boolean {
    switch (this.mode.kind) {
      case "head":
        return this.readHead();
      case "length":
      case "chunk":
        return this.readBody(this.mode);
      case "until-close":
        return this.readUntilClose();
      case "chunk-size":
      case "chunk-end":
      case "trailer":
        return this.readLine(this.mode.kind);
      case "done":
      case "broken":
        return false;
    }
  }

  private readHead(): boolean {
    const end = this.rest.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.rest.length > headLimit) this.mode = { kind: "broken" };
      return false;
    }
    const [first = "", ...lines] = this.rest.toString("latin1", 0, end).split("\r\n");
    this.rest = this.rest.subarray(end + 4);
    const status = /^HTTP\/(1\.[01]) (\d{3})( |$)/.exec(first);
    const headers = readHeaders(lines);
    if (status === null || headers === null) {
      this.mode = { kind: "broken" };
      return false;
    }
    this.version = status[1] ?? "";
    this.status = Number(status[2]);
    this.headers = headers;
    const isInterim = this.status >= 100 && this.status < 200 && this.status !== 101;
    this.mode = isInterim ? { kind: "head" } : this.bodyMode();
    if (!isInterim) this.told.onHead?.(this.status);
    return true;
  }

  private bodyMode(): Mode {
    if (isBodiless(this.status)) return { kind: "done" };
    if (this.headers.get("transfer-encoding")?.toLowerCase() === "chunked") return { kind: "chunk-size" };
    const length = this.headers.get("content-length");
    if (length === undefined) return { kind: "until-close" };
    if (!/^\d+$/.test(length)) return { kind: "broken" };
    return Number(length) === 0 ? { kind: "done" } : { kind: "length", left: Number(length) };
  }

  private readBody(mode: { kind: "length" | "chunk"; left: number }): boolean {
    if (this.rest.length === 0) return false;
    const piece = this.rest.subarray(0, mode.left);
    this.rest = this.rest.subarray(piece.length);
    mode.left -= piece.length;
    this.keep(piece);
    if (mode.left === 0) this.mode = { kind: mode.kind === "chunk" ? "chunk-end" : "done" };
    return true;
  }

  private readUntilClose(): boolean {
    this.keep(this.rest);
    this.rest = Buffer.alloc(0);
    return false;
  }

  private readLine(kind: "chunk-size" | "chunk-end" | "trailer"): boolean {
    const end = this.rest.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.rest.toString("latin1", 0, end);
    this.rest = this.rest.subarray(end + 2);
    if (kind === "trailer") {
      if (line === "") this.mode = { kind: "done" };
    } else if (kind === "chunk-end") {
      this.mode = { kind: line === "" ? "chunk-size" : "broken" };
    } else {
      const size = /^([0-9a-fA-F]+)(;|$)/.exec(line);
      const left = Number.parseInt(size?.[1] ?? "", 16);
      this.mode =
        size === null ? { kind: "broken" } : left === 0 ? { kind: "trailer" } : { kind: "chunk", left };
    }
    return true;
  }

  private keep(piece: Buffer): void {
    this.told.onBody?.(piece);
    if (this.keptSize > keptBytes) return;
    this.kept.push(piece);
    this.keptSize += piece.length;
  }
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status === 101;
}

function readHeaders(lines: readonly string[]): Map<string, string> | null {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) return null;
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}
