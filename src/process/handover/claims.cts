import type { ListenHandle, Listener, SocketName } from "./internals.cts";

/** One listen of the program on a declared port. */
export interface Claim {
  readonly server: Listener;
  readonly port: number;
  /** Address the program asked for; null: all. */
  readonly host: string | null;
  /** The real handle; absent after the gate was shut again, or while another claim accepts for this one. */
  handle: ListenHandle | undefined;
  isAccepting: boolean;
  /** What Node put on the handle (its accept callback, its owner), for a handle that follows. */
  wiring: Wiring | undefined;
}

interface Wiring {
  readonly onconnection: unknown;
  readonly owners: readonly symbol[];
}

export function wiringOf(server: Listener, handle: ListenHandle): Wiring {
  const owners = Object.getOwnPropertySymbols(handle).filter((symbol) => handle[symbol] === server);
  return { onconnection: handle.onconnection, owners };
}

export function wire(claim: Claim, handle: ListenHandle): void {
  handle.onconnection = claim.wiring?.onconnection;
  for (const owner of claim.wiring?.owners ?? []) handle[owner] = claim.server;
}

const claims = new Set<Claim>();
const servers = new Set<Listener>();
let hold: (isHeld: boolean) => void = () => undefined;
let admitted: (server: Listener) => void = () => undefined;

/** `admit` hears of each server that claims; `hold` is told whether a server that does not accept must keep the process alive. */
export function followClaims(followers: { admit: typeof admitted; hold: typeof hold }): void {
  admitted = followers.admit;
  hold = followers.hold;
}

export function liveClaims(): readonly Claim[] {
  return [...claims];
}

/** Every server that claimed and may still have connections, closed ones included. */
export function knownServers(): ReadonlySet<Listener> {
  return servers;
}

export function addClaim(claim: Claim): void {
  claims.add(claim);
  if (!servers.has(claim.server)) {
    servers.add(claim.server);
    claim.server.once("close", () => servers.delete(claim.server));
  }
  admitted(claim.server);
}

export function forgetClaim(claim: Claim): void {
  claims.delete(claim);
  updateHold();
}

export function updateHold(): void {
  hold(liveClaims().some((claim) => !claim.isAccepting && !claim.server._unref));
}

/** Takes the handle's place while nothing is accepted, so that address(), ref(), unref() and close() of the program work on. */
export function standIn(claim: Claim, name: SocketName): ListenHandle {
  return {
    fd: -1,
    onconnection: undefined,
    listen: () => 0,
    close(callback) {
      forgetClaim(claim);
      if (callback !== undefined) process.nextTick(callback);
    },
    ref: () => setImmediate(updateHold),
    unref: () => setImmediate(updateHold),
    hasRef: () => !claim.server._unref,
    getAsyncId: () => 0,
    getsockname: (out) => {
      Object.assign(out, name);
      return 0;
    },
  };
}

export function socketName(handle: ListenHandle): SocketName {
  const name: SocketName = {};
  handle.getsockname(name);
  return name;
}
