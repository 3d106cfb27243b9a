import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ServiceSpec } from "../../plan/spec.ts";
import { Problem } from "../../problem.ts";
import type { Service } from "./life.ts";
import { instanceLender, type Lender, shimLender } from "./lender.ts";
import { portProblem } from "./port-problem.ts";
import { rebind } from "./rebind.ts";
import { isShimAlive, type ShimRecord, startShim, tellShim } from "./shim.ts";

/** Descriptors 3 to 9 in the shell: one port each. */
const mostPorts = 7;

/** The public port: declared, else the first that the program was seen to open. */
export function mainPort(service: Service, spec: ServiceSpec): number | null {
  return spec.port ?? service.record.learnedPorts[0] ?? null;
}

/** Makes a shim hold every port the spec needs, those held already included. Problem PORT_TAKEN changes nothing. */
export async function ensurePorts(service: Service, spec: ServiceSpec): Promise<void> {
  const { record } = service;
  const held = isShimAlive(record.shim) ? record.shim.ports : null;
  const ports = [...new Set([...(held ?? []), ...neededPorts(service, spec)])];
  if (held !== null && ports.length === held.length) return;
  if (ports.length > mostPorts) throw tooMany(service, ports);
  try {
    await takePorts(service, spec, ports);
  } catch (error) {
    throw portProblem(service, ports, error);
  }
  await service.world.save();
}

/** The public port first. */
export function neededPorts(service: Service, spec: ServiceSpec): readonly number[] {
  const main = mainPort(service, spec);
  return [...(main === null ? [] : [main]), ...(spec.morePorts ?? []), ...service.record.learnedPorts];
}

export function serviceDirectory(service: Service): string {
  return join(service.world.paths.run, String(service.record.id));
}

/** Closes the ports and ends the shim; for a service without running instances. */
export function closePorts(service: Service): void {
  const { shim } = service.record;
  if (shim !== null) {
    tellShim(shim, "quit");
    rmSync(shim.fifo, { force: true });
  }
  service.record.shim = null;
}

/** Hands these ports, and no others, to a new shim. */
export async function takePorts(
  service: Service,
  spec: ServiceSpec,
  ports: readonly number[],
): Promise<void> {
  const { record, key } = service;
  record.serial += 1;
  const directory = serviceDirectory(service);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const old = record.shim;
  const common = { directory, key, serial: record.serial, host: spec.host };
  const lender = old === null ? null : await lenderOf(service, old);
  record.shim =
    lender === null
      ? startShim({ ...common, ports: ports.map((port) => ({ port, fd: null })) })
      : await rebind(lender, common, ports);
  if (old === null) return;
  tellShim(old, "quit");
  rmSync(old.fifo, { force: true });
}

/** Somebody may have killed the shim: its instances still have the ports. */
function lenderOf(service: Service, shim: ShimRecord): Lender | null | Promise<Lender | null> {
  const { ports } = shim;
  if (isShimAlive(shim)) return shimLender(shim);
  return ports.length === 0 ? null : instanceLender(service, ports);
}

function tooMany(service: Service, ports: readonly number[]): Problem {
  return new Problem({
    code: "PORTS_TOO_MANY",
    what: `${service.key} opens more than ${String(mostPorts)} ports: ${ports.join(", ")}.`,
    fix: "Split the service, or keep its private ports closed.",
  });
}
