import type * as net from "node:net";
import { privateValue, type Listener, type ServerSocket } from "./internals.cts";

/**
 * What the servers have open, found when somebody asks: nothing is counted per request, so a busy server pays nothing.
 * Only TLS connections and HTTP/2 sessions are noted as they arrive, since no list leads to them.
 */

export interface Session extends net.Socket {
  close(): void;
  /** Undefined once the session is destroyed. */
  readonly socket: ServerSocket | undefined;
}

/** fresh: nothing received yet. request: partly received. raw: not HTTP, or gone over to another protocol. */
type Stage = "fresh" | "idle" | "request" | "response" | "raw";

export interface Connection {
  readonly server: Listener;
  readonly socket: ServerSocket;
  readonly stage: Stage;
}

const secured = new WeakMap<object, Set<ServerSocket>>();
const sessions = new WeakMap<object, Set<Session>>();
const probes = new WeakSet<object>();

export function isTls(server: object): boolean {
  return "setSecureContext" in server;
}

function isHttp2(server: object): boolean {
  return "updateSettings" in server;
}

export function isHttp(server: object): boolean {
  return "closeIdleConnections" in server || isHttp2(server);
}

export function watch(server: Listener): void {
  if (isTls(server) && !secured.has(server)) {
    secured.set(server, collect<ServerSocket>(server, "secureConnection"));
  }
  if (isHttp2(server) && !sessions.has(server)) sessions.set(server, collect<Session>(server, "session"));
}

function collect<Item extends net.Socket>(server: Listener, event: string): Set<Item> {
  const items = new Set<Item>();
  server.on(event, (item: Item) => {
    items.add(item);
    item.once("close", () => items.delete(item));
  });
  return items;
}

/** A connection of the supervisor's: never counted, never closed by a drain. */
export function markProbe(socket: object): void {
  probes.add(socket);
}

function isProbe(socket: ServerSocket): boolean {
  return probes.has(socket) || (!!socket._parent && probes.has(socket._parent));
}

/** TCP connections of the servers, a TLS handshake under way included. */
export function acceptedSockets(servers: ReadonlySet<Listener>): ServerSocket[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): ServerSocket[] };
  return _getActiveHandles
    .call(process)
    .filter((socket) => servers.has(socket.server as Listener) && !isProbe(socket) && !socket.destroyed);
}

export function sessionsOf(server: Listener): Session[] {
  return [...(sessions.get(server) ?? [])].filter(({ socket }) => socket && !isProbe(socket));
}

function isSession(socket: ServerSocket): boolean {
  return socket.alpnProtocol === "h2" || privateValue(socket, "session") !== undefined;
}

/** Streams a session has open; 1 when this cannot be read. */
export function streamsOf(session: Session): number {
  const state = privateValue(session, "state") as { streams?: Map<number, unknown> } | undefined;
  return state?.streams?.size ?? 1;
}

export function connectionsOf(servers: ReadonlySet<Listener>): Connection[] {
  const plain = acceptedSockets(servers).filter((socket) => !isTls(socket.server as Listener));
  const found = [...servers].flatMap((server) =>
    [...(secured.get(server) ?? []), ...plain.filter((socket) => socket.server === server)]
      .filter((socket) => !isSession(socket) && !isProbe(socket) && !socket.destroyed)
      .map((socket) => ({ server, socket })),
  );
  const partly = new Set([...servers].flatMap(socketsWithRequest));
  return found.map((connection) => ({ ...connection, stage: stageOf(connection, partly) }));
}

function stageOf({ server, socket }: Omit<Connection, "stage">, partly: ReadonlySet<unknown>): Stage {
  if (socket._httpMessage) return "response";
  if (!isHttp(server) || !socket.parser) return "raw";
  if (socket.bytesRead === 0) return "fresh";
  return partly.has(socket) ? "request" : "idle";
}

function socketsWithRequest(server: Listener): unknown[] {
  const list = privateValue(server, "http.server.connections") as
    | { active(): { socket: unknown }[] }
    | undefined;
  return list?.active().map((parser) => parser.socket) ?? [];
}
