import { activeFreeze } from "../../config/freeze.ts";
import { isLost } from "../../fleet/lost.ts";
import type { AppSpec } from "../../plan/spec.ts";
import { exits, Problem, type ProblemDetail } from "../../problem.ts";
import type { Io } from "../command.ts";
import { noteUnjudged } from "../judge/unjudged.ts";
import type { Context } from "./context.ts";

/** What would stop a deployment before it touched anything, on any server. */
export async function refusePreflight(context: Context, io: Io, spec: AppSpec): Promise<void> {
  const { source } = spec.release;
  // One that binds a single address may share its port with another that binds another.
  const bound = spec.services.filter(({ engine, host }) => engine === "builtin" && host === undefined);
  const ports = bound.flatMap(({ name, port }) => (port === undefined ? [] : [{ service: name, port }]));
  const found = await Promise.all(
    context.hosts.map(async (end) => ({ end, findings: await end.preflight({ source, ports }) })),
  );
  for (const { end, findings } of found)
    for (const { severity, problem } of findings) {
      const named = context.hosts.length === 1 ? problem : nameHost(end.name, problem);
      if (severity === "refuse") throw new Problem({ exit: exits.refused, ...named });
      io.emit({ event: "warning", problem: named });
    }
  await noteBalancers(context, io);
}

function nameHost(host: string, problem: ProblemDetail): ProblemDetail {
  return { ...problem, what: `${host}: ${problem.what}` };
}

/**
 * What the first change will do to the files of the balancers' operator, and a canary that nobody judges. Problem: a balancer
 * that could not be changed.
 */
export async function noteBalancers(
  { balancers, config }: Context,
  io: Io,
): Promise<readonly ProblemDetail[]> {
  const found = balancers.map(async (end) => {
    const told = await end.preflight().catch((error: unknown) => {
      if (isLost(error)) return [];
      throw error;
    });
    return told.map((notice) => nameHost(end.name, notice));
  });
  const notices = [...(await Promise.all(found)).flat(), ...noteUnjudged(config)];
  for (const problem of notices) io.emit({ event: "warning", problem });
  return notices;
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
