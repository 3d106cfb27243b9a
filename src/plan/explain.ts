import {
  type Effect,
  noRelease,
  type ProcessEffect,
  type ReleaseEffect,
  type TrafficEffect,
} from "./effect.ts";
import type { Goal } from "./record.ts";
import { nameHosts } from "./strategies/in-place.ts";
import { describeRouting } from "./routing.ts";

/** What an effect does, in the words a person would use; with the goal it can say what it does to whom. */
export function explainEffect(effect: Effect, goal?: Goal): string {
  switch (effect.layer) {
    case "release":
      return explainRelease(effect, goal);
    case "process":
      return explainProcess(effect, goal);
    case "database":
      return goal?.spec.migrate === undefined
        ? "Run the migration"
        : `Run the migration: ${goal.spec.migrate.run}`;
    case "traffic":
      return explainTraffic(effect);
    case "hook":
      return `Run the ${effect.point} hooks`;
  }
}

function explainTraffic(effect: TrafficEffect): string {
  switch (effect.verb) {
    case "switch":
      return `On ${effect.host}: ${effect.says ?? describeRouting(effect.routing)}`;
    case "drain":
      return `On ${effect.host}: wait for what is under way on ${nameHosts(effect.servers)}`;
    case "check":
      return `On ${effect.host}: ask ${nameHosts(effect.servers)} for their health, in private`;
  }
}

function explainRelease(effect: ReleaseEffect, goal: Goal | undefined): string {
  switch (effect.verb) {
    case "stage":
      return `Stage release ${effect.release}`;
    case "check":
      return `Check release ${effect.release}`;
    case "switch":
      return effect.release === noRelease ? "Take current away" : `Switch current to ${effect.release}`;
    case "drain":
      return `Mark ${effect.of} ${effect.mark}, ${goal === undefined ? "prune old releases" : `keep ${goal.spec.release.keep} good releases`}`;
  }
}

function explainProcess(effect: ProcessEffect, goal: Goal | undefined): string {
  const { service } = effect;
  const isUndo = goal !== undefined && effect.release !== goal.release;
  switch (effect.verb) {
    case "stage":
      return `Start ${effect.count} of ${service}${besides(goal)}`;
    case "check":
      return `Check ${service} before it takes traffic`;
    case "switch":
      return explainSwitch(service, effect.keep, isUndo ? "new" : "old", goal);
    case "drain":
      if (effect.release === noRelease) return `Drain ${service} and forget it`;
      if (goal === undefined) return `Drain what ${service} has of other releases`;
      return `Drain the ${isUndo ? "new" : "old"} ${service}`;
  }
}

function besides(goal: Goal | undefined): string {
  if (goal === undefined || goal.previous === null) return ", gate closed";
  return goal.rollout.strategy === "recreate" ? " where the old stopped" : " beside the old, gate closed";
}

function explainSwitch(name: string, keep: number, others: string, goal: Goal | undefined): string {
  const told = goal?.spec.services.find((service) => service.name === name && service.engine !== "builtin");
  if (told?.reload !== undefined) return `Tell ${name} of the switch: ${told.reload}`;
  return `Open ${name}${keep > 0 ? `, ${keep} of the ${others} stay` : ""}`;
}
