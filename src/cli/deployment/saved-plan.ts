import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Base, compareBase } from "../../plan/base.ts";
import type { Observed } from "../../plan/fleet.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";
import type { Wish } from "./wish.ts";

/** What `plan --out` keeps: enough to tell later whether deploying would still do what was shown. No values of secrets. */
export interface SavedPlan {
  readonly app: string;
  readonly revision: string;
  readonly envDigest: string | null;
  readonly base: Base;
}

export async function savePlan(cwd: string, file: string, plan: SavedPlan): Promise<void> {
  await writeFile(resolve(cwd, file), `${JSON.stringify(plan, null, 2)}\n`);
}

/** Throws PLAN_STALE, naming what has changed since the plan was shown. */
export async function refuseStalePlan(
  file: string,
  now: { readonly context: Context; readonly wish: Wish; readonly observed: Observed },
): Promise<void> {
  const plan = await readPlan(file);
  const { context, wish, observed } = now;
  const changes = [
    ...(plan.app === context.app ? [] : [`The plan is for ${plan.app}.`]),
    ...(plan.revision === wish.revision
      ? []
      : [`The plan deploys revision ${plan.revision}; the source is now at ${wish.revision}.`]),
    // Before the first deploy there is no key yet that a digest could be made with.
    ...(plan.envDigest === wish.envDigest || plan.base.hosts.every((host) => host.current === null)
      ? []
      : ["The env has other values now."]),
    ...compareBase(plan.base, observed),
  ];
  if (changes.length > 0) throw stale(file, changes);
}

async function readPlan(file: string): Promise<SavedPlan> {
  try {
    const plan: unknown = JSON.parse(await readFile(file, "utf8"));
    if (isPlan(plan)) return plan;
  } catch (error) {
    throw unreadable(file, error);
  }
  throw unreadable(file, "it was not written by cutover plan --out");
}

function isPlan(value: unknown): value is SavedPlan {
  return typeof value === "object" && value !== null && "base" in value && "revision" in value;
}

function unreadable(file: string, why: unknown): Problem {
  return new Problem({
    code: "PLAN_UNREADABLE",
    what: `${file} is not a saved plan.`,
    why: why instanceof Error ? why.message : String(why),
    fix: `Make one: cutover plan --out ${file}`,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}

function stale(file: string, changes: readonly string[]): Problem {
  return new Problem({
    code: "PLAN_STALE",
    what: `The plan in ${file} no longer holds.`,
    why: changes.join(" "),
    fix: `Look at the present one: cutover plan --out ${file}`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
