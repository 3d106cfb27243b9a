import { parseCrash } from "../../execute/crash.ts";
import { begin, type Result, type Steering, takeOver } from "../../execute/loop.ts";
import { openSharedJournal } from "../../execute/shared-journal.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { Journal } from "../../plan/fleet-port.ts";
import type { Goal } from "../../plan/record.ts";
import { exits, Problem } from "../../problem.ts";
import type { Io } from "../command.ts";
import { cleanJournal } from "./clean-journal.ts";
import type { Context } from "./context.ts";
import { type Onlooker, openExecution } from "./fleet.ts";
import { type Aim, goalFor } from "./goal.ts";
import { refuseUnfinished } from "./unfinished.ts";

/** Begins a deployment behind the barrier, with what was observed there. */
export async function carryOut(context: Context, io: Io, aim: Aim, onlooker: Onlooker): Promise<Result> {
  let goal: Goal | undefined;
  let seed: string | undefined;
  return await begin(openExecution(context, io, { goal: () => goal, onlooker }), {
    async makeGoal(id, observed) {
      // Only here is it certain that nobody has begun another one in the meantime.
      seed = (await refuseUnfinished(context)).tail;
      goal = await goalFor(context, aim, { id, observed });
      return goal;
    },
    openJournal: (id) => Promise.resolve(openJournal(context.anchors, io, { id, seed })),
  });
}

/** Goes on with a deployment somebody else began, from its journal alone. */
export async function goOn(
  context: Context,
  io: Io,
  wanted: { readonly goal: Goal; readonly command: Steering },
  onlooker: Onlooker,
): Promise<Result> {
  const { goal, command } = wanted;
  const journal = openJournal(anchorsOf(context, goal), io, { id: goal.id });
  return await takeOver(openExecution(context, io, { goal: () => goal, onlooker }), journal, command);
}

interface JournalOf {
  readonly id: string;
  readonly seed?: string | undefined;
}

function openJournal(anchors: readonly HostEnd[], io: Io, { id, seed }: JournalOf): Journal {
  const journal = openSharedJournal(anchors, { id, seed, crash: parseCrash(io.env.CUTOVER_CRASH_AT) });
  return cleanJournal(journal, (text) => io.redact(text));
}

/** Where the deployment was begun to be written down, whatever cutover.yml says now. */
function anchorsOf({ hosts }: Context, goal: Goal): readonly HostEnd[] {
  const named = (name: string): HostEnd | undefined => hosts.find((end) => end.name === name);
  const gone = [...goal.hosts, ...(goal.anchors ?? [])].filter((name) => named(name) === undefined);
  if (gone.length > 0) throw serverGone(goal, [...new Set(gone)]);
  return (goal.anchors ?? goal.hosts.slice(0, 3)).flatMap((name) => named(name) ?? []);
}

function serverGone({ id }: Goal, names: readonly string[]): Problem {
  return new Problem({
    code: "SERVER_GONE",
    what: `Deployment ${id} goes over ${names.join(", ")}, which cutover.yml no longer names.`,
    fix: "Put it back into `servers:` until that deployment has ended.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
