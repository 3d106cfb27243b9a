import type { ProblemDetail } from "../../problem.ts";
import { overlap } from "../replacement/overlap.ts";
import type { Goal } from "../record.ts";
import { moveTraffic, withoutTraffic } from "../weights.ts";
import { refuseEmptying, refuseMissingBalancer, refuseUnknownServers } from "./refuse.ts";
import { rolling } from "./rolling.ts";
import {
  emptiedStages,
  equalRoutes,
  judgedStage,
  mapRoutes,
  nameGroup,
  takesTraffic,
  trafficStage,
} from "./routes.ts";
import type { Rollout, Stage, Strategy } from "./strategy.ts";
import { watchedStages } from "./watched.ts";

interface Half {
  readonly name: string;
  readonly hosts: readonly string[];
}

/**
 * The idle half gets the release in private, then the cohort, then growing shares, then everybody; the other half stays as it is until the
 * verdict, gets the release too, and the balancers go back to what they did. On one host there is nothing to halve.
 */
export const blueGreen: Strategy = {
  replacement: overlap,
  rollout(goal) {
    const halves = orderHalves(goal);
    return halves === null ? rolling.rollout(goal) : rolloutOf(goal, halves);
  },
  refuse(goal) {
    if (goal.hosts.length < 2) return null;
    const halves = orderHalves(goal);
    if (goal.balancers.length === 0) return refuseMissingBalancer(goal);
    if (halves === null) return halvesProblem(goal);
    return (
      refuseUnknownServers(goal, halves.idle.hosts) ??
      refuseUnknownServers(goal, halves.busy.hosts) ??
      refuseEmptying(goal, { named: halves.idle.name, hosts: halves.idle.hosts }) ??
      refuseEmptying(goal, { named: halves.busy.name, hosts: halves.busy.hosts, instead: halves.idle.hosts })
    );
  },
};

function rolloutOf(goal: Goal, { idle, busy }: Halves): Rollout {
  const { routing: before, rollout } = goal;
  const [green, blue] = [new Set(idle.hosts), new Set(busy.hosts)];
  const [first, second] = [nameGroup(idle.name, idle.hosts), nameGroup(busy.name, busy.hosts)];
  const hidden = mapRoutes(before, (routing) => withoutTraffic(routing, green));
  const all = mapRoutes(before, (routing) => moveTraffic(routing, blue, green));
  const count = idle.hosts.length;
  const shared = mapRoutes(before, (routing) => moveTraffic(routing, new Set(), green));
  const stages: Stage[] = [
    ...emptiedStages(first, { hosts: idle.hosts, from: 0, before, routing: hidden }),
    ...watchedStages(goal, { named: first, hosts: idle.hosts, hidden, shared }),
  ];
  const verdict = stages.length;
  stages.push(judgedStage(goal, trafficStage(`everything to ${first}`, count, all, rollout.keepWarmMs)));
  stages.push(...emptiedStages(second, { hosts: busy.hosts, from: count, before: all, routing: all }));
  if (!equalRoutes(all, before))
    stages.push(trafficStage("everything as it was", count + busy.hosts.length, before));
  return { order: [...idle.hosts, ...busy.hosts], stages, verdict };
}

interface Halves {
  readonly idle: Half;
  readonly busy: Half;
}

/** The balancers know which half is idle; when both take traffic, the one named last is emptied first. */
function orderHalves(goal: Goal): Halves | null {
  const halves = Object.entries(goal.halves ?? {}).map(([name, hosts]): Half => ({ name, hosts }));
  const [one, other, ...more] = halves;
  if (one === undefined || other === undefined || more.length > 0) return null;
  const named = [...one.hosts, ...other.hosts];
  const isWhole =
    named.length === goal.hosts.length && new Set([...named, ...goal.hosts]).size === named.length;
  if (!isWhole || one.hosts.length === 0 || other.hosts.length === 0) return null;
  const isBusy = ({ hosts }: Half): boolean => hosts.some((host) => takesTraffic(goal.routing, host));
  return isBusy(other) && !isBusy(one) ? { idle: one, busy: other } : { idle: other, busy: one };
}

function halvesProblem({ halves = {}, hosts }: Goal): ProblemDetail {
  const names = Object.keys(halves);
  const named = Object.values(halves).flat();
  const outside = hosts.filter((host) => !named.includes(host));
  return {
    code: "ROLLOUT_HALVES",
    what: "A blue-green deployment needs its servers in two halves.",
    why:
      outside.length > 0 && names.length === 2
        ? `${outside.join(", ")} is in neither ${names.join(" nor ")}.`
        : `There ${names.length === 1 ? "is 1 half" : `are ${names.length} halves`}, and each needs servers of its own.`,
    fix: "Write servers: as two lists, for example blue: [web1, web2] and green: [web3, web4].",
    exit: 2,
  };
}
