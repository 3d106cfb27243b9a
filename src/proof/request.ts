import type net from "node:net";
import type { EventsLane, RequestLane, SocketLane } from "./load.ts";

const pieceBytes = 64 * 1024;

/** Writes the lane's one request; its head in lines spread over `headMs`, an upload in pieces spread over `uploadMs`. */
export function writeRequest(to: {
  readonly lane: RequestLane;
  readonly url: URL;
  readonly socket: net.Socket;
  readonly isOver: () => boolean;
  /** Told after each piece of the body how many bytes were written so far. */
  readonly onSent?: ((bytes: number) => void) | undefined;
}): void {
  const { lane, url, socket } = to;
  const bytes = lane.uploadBytes;
  const lines = [
    `${bytes === undefined ? "GET" : "POST"} ${lane.path ?? url.pathname + url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `User-Agent: ${lane.userAgent ?? "cutover-prober"}`,
    "Accept: */*",
    ...(bytes === undefined ? [] : [`Content-Length: ${bytes}`, "Content-Type: application/octet-stream"]),
    ...(lane.connection === "fresh" ? ["Connection: close"] : []),
  ];
  if (lane.headMs !== undefined) return writeHeadSlowly(to, [...lines, ""], lane.headMs);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (bytes !== undefined) writeBody(to, bytes);
}

function writeHeadSlowly(
  { socket, isOver }: { readonly socket: net.Socket; readonly isOver: () => boolean },
  lines: readonly string[],
  headMs: number,
): void {
  const [line, ...rest] = lines;
  if (line === undefined || isOver() || socket.destroyed) return;
  socket.write(`${line}\r\n`, "latin1");
  const waitMs = rest.length === 0 ? 0 : headMs / rest.length;
  setTimeout(() => writeHeadSlowly({ socket, isOver }, rest, headMs - waitMs), waitMs);
}

function writeBody(to: Parameters<typeof writeRequest>[0], bytes: number): void {
  const pieces = Math.ceil(bytes / pieceBytes);
  const everyMs = (to.lane.uploadMs ?? 0) / pieces;
  const piece = Buffer.alloc(pieceBytes, "x");
  const startedAt = performance.now();
  let sent = 0;
  const writeMore = (): void => {
    if (sent === pieces || to.isOver() || to.socket.destroyed) return;
    const left = bytes - sent++ * pieceBytes;
    to.onSent?.(Math.min(bytes, sent * pieceBytes));
    const isTaken = to.socket.write(left < pieceBytes ? piece.subarray(0, left) : piece);
    if (isTaken) wait();
    else to.socket.once("drain", wait);
  };
  // The event loop reads first: whoever answers early and closes would fail the next write, and its answer would be lost.
  const wait = (): void => {
    const waitMs = startedAt + sent * everyMs - performance.now();
    if (waitMs > 0) setTimeout(() => setImmediate(writeMore), Math.ceil(waitMs));
    else setImmediate(writeMore);
  };
  writeMore();
}

const handshake = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${Buffer.from("cutover-prober-1").toString("base64")}`,
];

/** Head of the GET that opens a stream or a WebSocket. */
export function openingOf({ kind, path }: EventsLane | SocketLane, url: URL): string {
  const headers = kind === "websocket" ? handshake : ["Accept: text/event-stream"];
  return `${[`GET ${path} HTTP/1.1`, `Host: ${url.host}`, "User-Agent: cutover-prober", ...headers].join("\r\n")}\r\n\r\n`;
}
