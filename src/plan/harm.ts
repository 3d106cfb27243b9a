import type { ProblemDetail } from "../problem.ts";
import type { Situation } from "./decision.ts";
import type { HostView } from "./fleet.ts";
import { runsHere } from "./phase.ts";
import { serviceView } from "./service-work.ts";
import type { ServiceSpec } from "./spec.ts";
import { harmProblem } from "./trouble.ts";

/** The first sign that the new release does not hold: an instance that ended by itself, or one that stopped accepting. */
export function findHarm(situation: Situation): ProblemDetail | null {
  for (const host of situation.hosts)
    for (const service of situation.goal.spec.services.filter(runsHere)) {
      const sign = signOfHarm(situation, host, service);
      if (sign === null) continue;
      return harmProblem(situation, { host, service: service.name, sign });
    }
  return null;
}

function signOfHarm({ goal, facts }: Situation, host: HostView, service: ServiceSpec): string | null {
  const { instances } = serviceView(host, service.name);
  const mine = instances.filter((instance) => instance.release === goal.release);
  if (mine.some((instance) => instance.state === "failed")) {
    return facts.switchedAt === null ? "did not come up" : "failed";
  }
  if (mine.some((instance) => instance.restarts > 0)) return "ended by itself";
  const open = mine.filter((instance) => instance.state === "open").length;
  return facts.switchedAt !== null && open < service.instances ? "stopped taking traffic" : null;
}
