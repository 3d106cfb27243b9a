import { type FileJournal, openJournal } from "../../execute/journal.ts";
import { lastHash } from "../../execute/history.ts";
import { begin, type Result, takeOver } from "../../execute/loop.ts";
import { parseCrash } from "../../execute/crash.ts";
import { maskSpec } from "../../fleet/shelf.ts";
import type { Observed } from "../../plan/fleet.ts";
import type { Goal } from "../../plan/record.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { Io } from "../command.ts";
import { cleanJournal } from "./clean-journal.ts";
import type { Context } from "./context.ts";
import type { Machine } from "./machine.ts";

export interface Aim {
  readonly kind: Goal["kind"];
  readonly release: string;
  readonly revision: string;
  readonly envDigest: string | null;
  readonly spec: AppSpec;
}

/** Begins a deployment behind the barrier, with what was observed there. */
export async function carryOut(context: Context, machine: Machine, io: Io, aim: Aim): Promise<Result> {
  return await begin(machine.execution, {
    async makeGoal(id, observed) {
      const goal = await goalFor(context, aim, { id, observed });
      machine.setGoal(goal);
      return goal;
    },
    openJournal: async (id) => openCleanJournal(context, io, id),
  });
}

export async function goalFor(
  context: Context,
  aim: Aim,
  { id, observed }: { readonly id: string; readonly observed: Observed },
): Promise<Goal> {
  const { kind, release, revision, envDigest, spec } = aim;
  const previous = observed.hosts[0]?.current ?? null;
  const hosts = [context.host];
  const { rollout } = context.config;
  const base = { id, kind, release, previous, revision, envDigest, rollout, spec: maskSpec(spec) };
  return { ...base, hosts, balancers: [], routing: {}, ...(await previousSpec(context, previous)) };
}

/** Goes on with a deployment somebody else began, from its journal alone. */
export async function goOn(
  context: Context,
  machine: Machine,
  io: Io,
  wanted: { readonly goal: Goal; readonly command: "resume" | "abort" },
): Promise<Result> {
  machine.setGoal(wanted.goal);
  const journal = await openCleanJournal(context, io, wanted.goal.id);
  return await takeOver(machine.execution, journal, wanted.command);
}

async function openCleanJournal(context: Context, io: Io, id: string): Promise<FileJournal> {
  const journal = await openJournal({
    directory: context.journals,
    id,
    seed: await lastHash(context.journals),
    crash: parseCrash(io.env.CUTOVER_CRASH_AT),
  });
  return cleanJournal(journal, (text) => io.redact(text));
}

/** A release of another tool has no settings here; it is undone with those of the new one. */
async function previousSpec(context: Context, previous: string | null): Promise<{ previousSpec?: AppSpec }> {
  if (previous === null) return {};
  const shelved = await context.shelf.load(previous).catch(() => null);
  return shelved === null ? {} : { previousSpec: maskSpec(shelved.spec) };
}
