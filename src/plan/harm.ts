import type { ProblemDetail } from "../problem.ts";
import type { Situation } from "./decision.ts";
import type { HostView } from "./fleet.ts";
import { runsHere } from "./phase.ts";
import { serviceView } from "./service-work.ts";
import type { ServiceSpec } from "./spec.ts";
import type { Stage } from "./strategies/strategy.ts";
import { harmProblem, tooBig } from "./trouble.ts";

/** The first sign that the new release does not hold: an instance that ended by itself, or one that stopped accepting. */
export function findHarm(situation: Situation, stage: Stage): ProblemDetail | null {
  const { goal, facts, hosts } = situation;
  const services = goal.spec.services.filter(runsHere);
  for (const [index, host] of hosts.slice(0, stage.to).entries()) {
    const isReached = index < stage.from || facts.switchedAt !== null;
    for (const service of services) {
      const sign = signOfHarm(host, service, goal.release, isReached);
      if (sign !== null) return harmProblem(situation, { host, service: service.name, sign });
    }
  }
  return null;
}

function megabytes(bytes = 0): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}

/** `isReached`: the stage of this host was reached, so that all of its instances have to accept. */
function signOfHarm(
  host: HostView,
  service: ServiceSpec,
  release: string,
  isReached: boolean,
): string | null {
  const { instances } = serviceView(host, service.name);
  const mine = instances.filter((instance) => instance.release === release);
  if (mine.some((instance) => instance.state === "failed")) return isReached ? "failed" : "did not come up";
  if (mine.some((instance) => instance.restarts > 0)) return "ended by itself";
  const heavy = mine.find(({ memoryBytes = 0 }) => memoryBytes > (service.memoryBytes ?? Infinity));
  if (heavy !== undefined)
    return `${tooBig}: it uses ${megabytes(heavy.memoryBytes)}, and its limit is ${megabytes(service.memoryBytes)}`;
  const open = mine.filter((instance) => instance.state === "open").length;
  return isReached && open < service.instances ? "stopped taking traffic" : null;
}
