import type { CutoverEvent } from "../../plan/event.ts";
import type { Paint } from "../output.ts";
import { shortDuration } from "./duration.ts";

type Edge = Extract<CutoverEvent, { event: "begin" | "end" }>;

/** The first and the last line of a deployment. */
export function summary(event: Edge, paint: Paint): readonly string[] {
  return event.event === "begin" ? [opening(event)] : [closing(event, paint)];
}

function opening({ goal }: Extract<Edge, { event: "begin" }>): string {
  const hosts = goal.hosts.length === 1 ? (goal.hosts[0] ?? "") : `${goal.hosts.length} hosts`;
  const verb = { deploy: "Deploying", rollback: "Rolling back to", converge: "Bringing up" }[goal.kind];
  const from = goal.previous === null ? "first release" : `now ${goal.previous}`;
  if (goal.kind === "converge") return `${verb} ${hosts} to ${goal.release}`;
  return `${verb} ${goal.release} on ${hosts} (${from})`;
}

function closing({ end, serves, ms }: Extract<Edge, { event: "end" }>, paint: Paint): string {
  const took = `after ${shortDuration(ms)}`;
  switch (end) {
    case "new":
      return `${paint("green", "Done")} ${took}: release ${serves} serves.`;
    case "old":
      return `${paint("red", "Undone")} ${took}: ${serves === null ? "nothing is live" : `release ${serves} serves as before`}.`;
    case "paused":
      return `${paint("yellow", "Paused")} ${took}: "cutover resume" or "cutover abort" leads out.`;
  }
}
