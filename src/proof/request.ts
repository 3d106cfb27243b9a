import type net from "node:net";
import type { RequestLane } from "./load.ts";

const pieceBytes = 64 * 1024;

/** Writes the lane's one request; its head in lines spread over `headMs`, an upload in pieces spread over `uploadMs`. */
export function writeRequest(to: {
  readonly lane: RequestLane;
  readonly url: URL;
  readonly socket: net.Socket;
  readonly isOver: () => boolean;
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
    while (sent < pieces) {
      if (to.isOver() || to.socket.destroyed) return;
      const waitMs = startedAt + sent * everyMs - performance.now();
      if (waitMs > 0) {
        setTimeout(writeMore, Math.ceil(waitMs));
        return;
      }
      const left = bytes - sent++ * pieceBytes;
      if (!to.socket.write(left < pieceBytes ? piece.subarray(0, left) : piece)) {
        to.socket.once("drain", writeMore);
        return;
      }
    }
  };
  writeMore();
}

/** Head of a GET that asks for something lasting. */
export function requestHead(url: URL, path: string, headers: readonly string[]): string {
  return `${[`GET ${path} HTTP/1.1`, `Host: ${url.host}`, "User-Agent: cutover-prober", ...headers].join("\r\n")}\r\n\r\n`;
}
