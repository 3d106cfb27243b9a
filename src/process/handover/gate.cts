import fs from "node:fs";
import path from "node:path";
import {
  addClaim,
  forgetClaim,
  liveClaims,
  socketName,
  standIn,
  updateHold,
  wire,
  wiringOf,
  type Claim,
} from "./claims.cts";
import { backlog, isGateOpenAtFirst, runDir } from "./environment.cts";
import type { ListenHandle } from "./internals.cts";
import type { ControlStatus } from "./protocol.ts";
import { giveBack, hasSpare, takeHandle } from "./spares.cts";

/** What the program asked for. */
export type ListenRequest = Pick<Claim, "server" | "port" | "host">;
type Gate = ControlStatus["gate"];

let gate: Gate | undefined;

export function currentGate(): Gate {
  gate ??= gateAtFirst();
  return gate;
}

// The file wins: a worker that is born late follows what was decided since its instance was started.
function gateAtFirst(): Gate {
  try {
    return fs.readFileSync(path.join(runDir, "gate"), "utf8").trim() === "open" ? "open" : "closed";
  } catch {
    return isGateOpenAtFirst ? "open" : "closed";
  }
}

/** Makes an inherited handle the server's own. Node believes that it listens; it does from the moment the gate opens. */
export function admit(request: ListenRequest, handle: ListenHandle): void {
  const { server } = request;
  const claim: Claim = { ...request, handle, isAccepting: false, wiring: undefined };
  handle.listen = () => {
    claim.wiring = wiringOf(server, handle);
    if (currentGate() === "open") return accept(claim, handle);
    updateHold();
    return 0;
  };
  guardClose(claim, handle);
  server._handle = handle;
  addClaim(claim);
}

/** A further listen on a port whose descriptors are used up: the claim that has one accepts for both. */
export function shadow(request: ListenRequest): void {
  const { server, port } = request;
  const claim: Claim = { ...request, handle: undefined, isAccepting: false, wiring: undefined };
  const twin = liveClaims().find((known) => known.port === port)?.server._handle;
  server._handle = standIn(claim, twin ? socketName(twin) : { port });
  addClaim(claim);
}

// A handle that never accepted is not polled and can serve again; any other gives up its descriptor.
function guardClose(claim: Claim, handle: ListenHandle): void {
  handle.close = (callback) => {
    if (claim.isAccepting) closeForGood(handle, callback);
    else {
      giveBack(claim.port, handle);
      if (callback !== undefined) process.nextTick(callback);
    }
    forgetClaim(claim);
    if (gate === "open") for (const twin of liveClaims()) if (twin.port === claim.port) reopen(twin);
  };
}

function closeForGood(handle: ListenHandle, callback?: () => void): void {
  Reflect.deleteProperty(handle, "close");
  handle.close(callback);
}

function accept(claim: Claim, handle: ListenHandle): number {
  Reflect.deleteProperty(handle, "listen");
  const error = handle.listen(backlog);
  claim.isAccepting = error === 0;
  updateHold();
  return error;
}

/** Accepts on every claimed port. Throws when a port has no descriptor left, or the system lets it accept on one no more: then it is parked. */
export function openGate(): void {
  const stopped = liveClaims().filter((claim) => !claim.isAccepting);
  const bare = stopped.find((claim) => !isServed(claim) && !hasSpare(claim.port));
  if (bare !== undefined) throw new Error(`no spare descriptor left for port ${bare.port}`);
  gate = "open";
  for (const claim of stopped) if (claim.handle !== undefined) accept(claim, claim.handle);
  for (const claim of stopped) reopen(claim);
  const deaf = liveClaims().find((claim) => !isAccepted(claim.port));
  if (deaf === undefined) return;
  // Said to be open, it would get the requests of an instance that does serve.
  shutGate("parked");
  throw new Error(`nothing can be accepted on port ${deaf.port}`);
}

function isAccepted(port: number): boolean {
  return liveClaims().some((claim) => claim.port === port && claim.isAccepting);
}

/** Every accept that ends uses up a descriptor, so a gate can be opened only so often. */
export function canOpenGate(): boolean {
  return liveClaims().every((claim) => claim.isAccepting || isServed(claim) || hasSpare(claim.port));
}

function isServed(claim: Claim): boolean {
  return liveClaims().some(
    (other) => other.port === claim.port && (other.isAccepting || other.handle !== undefined),
  );
}

function reopen(claim: Claim): void {
  const handle = isServed(claim) ? undefined : takeHandle(claim.port);
  if (handle === undefined) return;
  wire(claim, handle);
  guardClose(claim, handle);
  claim.handle = handle;
  claim.server._handle = handle;
  if (claim.server._unref) handle.unref();
  accept(claim, handle);
}

/** Stops accepting; the program's servers go on as if they listened. */
export function shutGate(to: "parked" | "draining"): void {
  gate = to;
  for (const claim of liveClaims())
    if (claim.isAccepting && claim.handle !== undefined) stop(claim, claim.handle);
  updateHold();
}

function stop(claim: Claim, handle: ListenHandle): void {
  const name = socketName(handle);
  claim.isAccepting = false;
  claim.handle = undefined;
  closeForGood(handle);
  claim.server._handle = standIn(claim, name);
}
