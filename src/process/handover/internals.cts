import type * as net from "node:net";

/** The undocumented parts of Node this folder stands on, in one place; the same on Node 20, 22 and 24. */

export interface ListenHandle {
  readonly fd: number;
  onconnection: unknown;
  listen(backlog: number): number;
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
  hasRef(): boolean;
  getAsyncId(): number;
  getsockname(out: SocketName): number;
  [owner: symbol]: unknown;
}

export interface SocketName {
  address?: string;
  family?: string;
  port?: number;
}

export interface Listener extends net.Server {
  _handle: ListenHandle | null;
  _unref: boolean;
  _listen2: Listen;
  keepAliveTimeout?: number;
}

type Listen = (
  this: Listener,
  address: string | null,
  port: number | null,
  ...rest: readonly unknown[]
) => void;

interface NetInternals {
  readonly Server: { readonly prototype: Listener };
  _createServerHandle(address: null, port: null, addressType: null, fd: number): ListenHandle | number;
  _createServerHandle(address: string, port: number, addressType: 4 | 6): ListenHandle | number;
}

interface Response {
  readonly req?: { readonly method?: string; readonly headers: { readonly accept?: string } };
  readonly statusCode: number;
  readonly _header: string | null;
  readonly writableEnded: boolean;
  end(): void;
  on(event: "error", listener: () => void): void;
}

export interface ServerSocket extends net.Socket {
  readonly server?: unknown;
  readonly parser?: object | null;
  readonly alpnProtocol?: string | false;
  readonly _httpMessage?: Response | null;
  readonly _parent?: object | null;
}

export function asInternals(module: typeof net): NetInternals {
  return module as unknown as NetInternals;
}

/** The value a private symbol of that name holds on the object itself. */
export function privateValue(owner: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(owner).find((known) => known.description === description);
  return symbol === undefined ? undefined : (owner as Record<symbol, unknown>)[symbol];
}
