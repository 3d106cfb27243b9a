import { Agent, createServer, request } from "node:http";
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { requestHeaders, responseHeaders } from "./headers.ts";
import type { ClientConnection } from "./headers.ts";
import { tunnel } from "./tunnel.ts";
import type { Upstream } from "./upstream.ts";

/** Shorter than any server's own patience: gunicorn ends idle connections after 2 s. */
const idleMs = 1000;
const maxHeaderBytes = 64 * 1024;

/** An HTTP server that passes every request on to the program, and says 502 where it does not answer. */
export function createHttpRelay(upstream: Upstream): Server {
  const pool = new Agent({ keepAlive: true, timeout: idleMs });
  const server = createServer({ maxHeaderSize: maxHeaderBytes });
  // Uploads take as long as they take; the program has limits of its own.
  server.requestTimeout = 0;
  const take = (incoming: IncomingMessage, response: ServerResponse): void => {
    forward({ incoming, response, upstream, pool });
  };
  server.on("request", take);
  server.on("checkContinue", take);
  server.on("checkExpectation", take);
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    tunnel(incoming, socket, head, upstream);
  });
  return server;
}

function clientOf(incoming: IncomingMessage): ClientConnection {
  return { address: incoming.socket.remoteAddress, isSecure: incoming.socket instanceof TLSSocket };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly pool: Agent;
}

/**
 * The program may close a pooled connection just as a request goes out on it. Such a request is sent again, which only a
 * safe method without a body allows; any other gets a connection of its own.
 */
function forward(exchange: Exchange): void {
  const { incoming, response } = exchange;
  response.on("error", () => undefined);
  const isRepeatable = ["GET", "HEAD", "OPTIONS"].includes(incoming.method ?? "") && !hasBody(incoming);
  send(exchange, isRepeatable);
}

function send(exchange: Exchange, isPooled: boolean): void {
  const { incoming, response } = exchange;
  const outgoing = open(exchange, isPooled);
  let bytesBefore = 0;
  let answer: IncomingMessage | null = null;
  // The client left, or a draining server ended its event stream, or the program did not read all of the request.
  const leave = (): void => {
    if (answer?.complete !== true || !outgoing.writableFinished) outgoing.destroy();
  };
  response.once("close", leave);
  outgoing.once("socket", (socket) => (bytesBefore = socket.bytesRead));
  outgoing.once("response", (message) => {
    answer = message;
    answerWith(exchange, message);
  });
  outgoing.on("error", (error) => {
    // The program may answer without reading all of the body; the answer tells itself whether it is complete.
    incoming.unpipe(outgoing).resume();
    if (answer !== null || response.destroyed) return;
    response.off("close", leave);
    const isStale = outgoing.reusedSocket && outgoing.socket?.bytesRead === bytesBefore;
    if (isPooled && isStale) send(exchange, false);
    else fail(exchange, error);
  });
  outgoing.on("continue", () => response.writeContinue());
  outgoing.on("information", (info) => passHints(response, info.statusCode, info.rawHeaders));
  passBody(incoming, outgoing);
}

function open({ incoming, upstream, pool }: Exchange, isPooled: boolean): ClientRequest {
  return request({
    host: upstream.host,
    port: upstream.port,
    method: incoming.method,
    path: incoming.url,
    headers: requestHeaders(incoming.rawHeaders, clientOf(incoming)),
    agent: isPooled ? pool : false,
    maxHeaderSize: maxHeaderBytes,
    setHost: false,
  });
}

function passBody(incoming: IncomingMessage, outgoing: ClientRequest): void {
  if (!hasBody(incoming)) {
    outgoing.end();
    return;
  }
  incoming.once("end", () => {
    if (incoming.rawTrailers.length > 0) outgoing.addTrailers(pairs(incoming.rawTrailers));
  });
  incoming.pipe(outgoing);
  flushSoon(outgoing);
}

function answerWith(exchange: Exchange, answer: IncomingMessage): void {
  const { incoming, response } = exchange;
  // What is left of the request would be taken for the next one.
  if (!incoming.complete) response.setHeader("Connection", "close");
  response.sendDate = false;
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer.rawHeaders));
  } catch (error) {
    answer.destroy();
    fail(exchange, error instanceof Error ? error : new Error("bad headers"));
    return;
  }
  answer.once("end", () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers));
  });
  // A truncated answer must look truncated.
  answer.once("error", () => response.destroy());
  answer.pipe(response);
  flushSoon(response);
}

/** Headers leave together with the first part of the body, unless that takes its time. */
function flushSoon(message: ClientRequest | ServerResponse): void {
  setImmediate(() => {
    if (!message.writableEnded && !message.destroyed) message.flushHeaders();
  });
}

function passHints(response: ServerResponse, status: number, raw: readonly string[]): void {
  if (response.headersSent) return;
  if (status === 102) response.writeProcessing();
  if (status !== 103) return;
  const hints: Record<string, string | string[]> = {};
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    hints[key] = hints[key] === undefined ? value : [...[hints[key]].flat(), value];
  }
  try {
    response.writeEarlyHints(hints);
  } catch {
    // Node refuses links it does not understand; hints are only hints.
  }
}

function fail({ incoming, response, upstream }: Exchange, error: Error): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `502: the program on port ${String(upstream.port)} did not answer (${error.message})\n`;
  if (!incoming.complete) response.setHeader("Connection", "close");
  response.writeHead(502, { "Content-Type": "text/plain", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

function hasBody(incoming: IncomingMessage): boolean {
  const length = incoming.headers["content-length"];
  return incoming.headers["transfer-encoding"] !== undefined || (length !== undefined && Number(length) > 0);
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : []));
}
