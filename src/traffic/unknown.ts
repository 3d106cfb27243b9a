import type { Routing } from "../plan/traffic.ts";
import { Problem, exits } from "../problem.ts";

interface Known {
  readonly servers: Readonly<Record<string, unknown>>;
  readonly backends: readonly { readonly service: string }[];
}

/** Problem TRAFFIC_SERVER_UNKNOWN for a server or a service that the config does not have. */
export function refuseUnknown({ servers, backends }: Known, { weights, cohort }: Routing): void {
  const known = new Set(Object.keys(servers));
  const named = [...Object.values(weights).flatMap((own) => Object.keys(own)), ...(cohort?.servers ?? [])];
  const unknown = named.find((server) => !known.has(server));
  if (unknown !== undefined)
    throw unfitRouting(`The routing names a server that the config does not: ${unknown}.`);
  const services = new Set(backends.map(({ service }) => service));
  const other = Object.keys(weights).find((service) => !services.has(service));
  if (other !== undefined) throw unfitRouting(`The routing names a service without a backend: ${other}.`);
}

function unfitRouting(what: string): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_UNKNOWN",
    what,
    fix: "Name every server of the routing in servers: of the config.",
    state: "Nothing was changed by this step.",
    exit: exits.refused,
  });
}
