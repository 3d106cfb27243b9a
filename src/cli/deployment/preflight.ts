import { activeFreeze } from "../../config/freeze.ts";
import type { AppSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import { preflight } from "../../release/preflight.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

/** What would stop a deployment before it touched anything. */
export async function refusePreflight(context: Context, io: Io, spec: AppSpec): Promise<void> {
  const findings = await preflight(context.place, spec.release.source);
  for (const { severity, problem } of findings) {
    if (severity === "refuse") throw new Problem({ exit: exits.refused, ...problem });
    io.emit({ event: "warning", problem });
  }
}

/** Nobody deploys into a freeze by accident. */
export function refuseFrozen(context: Context, isIgnored: boolean): void {
  const freeze = activeFreeze(context.config.freeze, new Date());
  if (freeze === undefined || isIgnored) return;
  throw new Problem({
    code: "FROZEN",
    what: `Deployments are frozen from ${freeze.from} to ${freeze.to} (${freeze.zone}).`,
    fix: "Wait, or deploy all the same with --ignore-freeze. A rollback is never frozen.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
