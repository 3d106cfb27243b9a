import { Problem, exits } from "../../problem.ts";
import type { ServiceSpec } from "../../plan/spec.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { labelOf } from "./label.ts";

/** The spec with the environment of this shell: new values, and what is gone is gone; what was declared for it stays. */
export function updatedEnvironment(
  service: ServiceStatus,
  shell: Readonly<Record<string, string>>,
): ServiceSpec {
  const { spec } = service;
  if (isDeployed(service)) throw deployed(service);
  const declared = Object.fromEntries((spec.declared ?? []).map((name) => [name, spec.env[name] ?? ""]));
  const env = { ...shell, ...declared };
  return { ...spec, env, port: movedPort(spec, env) };
}

/** Releases of a deployment are named by their time, generations started by hand g1, g2, ... */
function isDeployed({ live }: ServiceStatus): boolean {
  return live !== null && !/^g\d+$/.test(live);
}

/** A port that came from PORT goes with it. */
function movedPort(spec: ServiceSpec, env: Readonly<Record<string, string>>): number | undefined {
  const cameFromPort = spec.port !== undefined && spec.env["PORT"] === String(spec.port);
  const port = Number(env["PORT"]);
  return cameFromPort && Number.isInteger(port) && port > 0 && port < 65_536 ? port : spec.port;
}

function deployed(service: ServiceStatus): Problem {
  return new Problem({
    code: "ENV_OF_RELEASE",
    what: `${labelOf(service)} belongs to a deployment: its environment comes with the release, not from a shell.`,
    fix: "Change env: in cutover.yml and run cutover deploy; or reload without --update-env.",
    exit: exits.usage,
  });
}
