import fs from "node:fs";
import net from "node:net";
import { readPorts } from "./environment.cts";
import { asInternals, type ListenHandle, type SocketName } from "./internals.cts";

/** The descriptors this process may still listen on. One is used up by each handle that accepted and was closed. */

type Spare = number | ListenHandle;

const spares = new Map<number, Spare[]>();
const lost = new Set<number>();

// A launcher that is not Node may have closed them: the numbers can be anything by now, so look before the program opens files.
for (const [port, descriptors] of readPorts()) {
  const left = descriptors.filter(isSocket);
  spares.set(port, left);
  if (left.length === 0 && descriptors.length > 0) lost.add(port);
}

// Not by fstatSync: on Node 20 and 22 a call of it before the program starts breaks programs started through a symbolic link.
function isSocket(descriptor: number): boolean {
  try {
    return fs.readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("socket:");
  } catch {
    return false;
  }
}

export function isDeclared(port: number): boolean {
  return spares.has(port);
}

export function hasSpare(port: number): boolean {
  return (spares.get(port) ?? []).length > 0;
}

/** The port was promised to this process, and no descriptor of it arrived. */
export function wasLost(port: number): boolean {
  return lost.has(port);
}

/** A handle of the port's socket that does not listen yet; undefined when no descriptor is left. */
export function takeHandle(port: number): ListenHandle | undefined {
  const left = spares.get(port) ?? [];
  for (let spare = left.shift(); spare !== undefined; spare = left.shift()) {
    if (typeof spare !== "number") return spare;
    const handle = openHandle(spare, port);
    if (handle !== undefined) return handle;
  }
  return undefined;
}

function openHandle(descriptor: number, port: number): ListenHandle | undefined {
  const handle = asInternals(net)._createServerHandle(null, null, null, descriptor);
  if (typeof handle === "number") return undefined;
  const name: SocketName = {};
  // A pipe has no such method: the number means something else by now.
  const isSame =
    typeof handle.getsockname === "function" && handle.getsockname(name) === 0 && name.port === port;
  return isSame ? handle : undefined;
}

export function giveBack(port: number, handle: ListenHandle): void {
  spares.get(port)?.unshift(handle);
}

export function declaredPorts(): readonly number[] {
  return [...spares.keys()];
}

/** Descriptors that a child may inherit. */
export function spareDescriptors(port: number): readonly number[] {
  return (spares.get(port) ?? []).map((spare) => (typeof spare === "number" ? spare : spare.fd));
}
