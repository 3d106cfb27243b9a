import { ServerResponse } from "node:http";
import { knownServers } from "./claims.cts";
import type { Listener, ServerSocket } from "./internals.cts";

interface ResponseInternals {
  readonly req?: { readonly socket?: ServerSocket };
  readonly statusCode: number;
  shouldKeepAlive: boolean;
  _removedConnection: boolean;
  hasHeader(name: string): boolean;
  removeHeader(name: string): void;
  _storeHeader(firstLine: string, headers: unknown): void;
}

const prototype = ServerResponse.prototype as unknown as ResponseInternals;

/**
 * `Connection: close` on every answer from now on, requests in flight included: decided where Node writes the header, so
 * nothing the program said before matters. Put in place by the first park or drain only.
 */
export function announceClose(): void {
  if (Object.hasOwn(prototype, "_storeHeader")) return;
  const store = prototype._storeHeader;
  prototype._storeHeader = function (firstLine, headers) {
    if (this.statusCode === 101 || !knownServers().has(this.req?.socket?.server as Listener)) {
      return store.call(this, firstLine, headers);
    }
    if (this.hasHeader("connection")) this.removeHeader("connection");
    // Node leaves the header out altogether when a program removed it.
    this._removedConnection = false;
    this.shouldKeepAlive = false;
    store.call(this, firstLine, withoutConnection(headers));
  };
}

/** Answers keep connections open again. */
export function withdrawClose(): void {
  Reflect.deleteProperty(prototype, "_storeHeader");
}

// Headers given to writeHead() come as an object, as pairs, or as a flat list.
function withoutConnection(headers: unknown): unknown {
  if (Array.isArray(headers)) {
    const list = headers as unknown[];
    if (Array.isArray(list[0])) return list.filter((pair) => !isConnection((pair as unknown[])[0]));
    return list.filter((_, index) => !isConnection(list[index - (index % 2)]));
  }
  if (typeof headers !== "object" || headers === null) return headers;
  const names = Object.keys(headers);
  // The same object unless it must change: Node knows its own by identity.
  if (!names.some(isConnection)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isConnection(name)));
}

function isConnection(name: unknown): boolean {
  return typeof name === "string" && name.toLowerCase() === "connection";
}
