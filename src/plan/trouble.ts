import type { ProblemDetail } from "../problem.ts";
import type { Decision, Situation } from "./decision.ts";
import type { Effect } from "./effect.ts";
import type { HostView } from "./fleet.ts";
import type { Goal } from "./record.ts";
import { serviceView } from "./service-work.ts";
import { describeServing } from "./serving.ts";

export function abortedProblem(goal: Goal, operator: string): ProblemDetail {
  return {
    code: "DEPLOY_ABORTED",
    what: `The ${nameKind(goal)} of release ${goal.release} was aborted.`,
    why: `${operator} asked for it.`,
  };
}

/** Nothing is wrong and nothing is undone: a person wants time. */
export function pauseByHand(situation: Situation, operator: string): Decision & { readonly kind: "end" } {
  const { goal } = situation;
  const problem: ProblemDetail = {
    code: "DEPLOY_PAUSED",
    what: `The ${nameKind(goal)} of release ${goal.release} is paused.`,
    why: `${operator} asked for it.`,
    fix: wayOut(goal),
    state: describeServing(situation),
    exit: 6,
  };
  return { kind: "end", end: "paused", problem };
}

function nameKind({ kind }: Goal): string {
  return kind === "rollback" ? "rollback" : "deployment";
}

export interface Harm {
  readonly host: HostView;
  readonly service: string;
  readonly sign: string;
}

/** A process beyond its limit would be restarted again and again. */
export const tooBig = "grew beyond its memory limit";

export function harmProblem({ goal, facts }: Situation, harm: Harm): ProblemDetail {
  const isTooBig = harm.sign.startsWith(tooBig);
  const seen = isTooBig ? undefined : serviceView(harm.host, harm.service).problem;
  const when = facts.switchedAt === null ? "" : " within the bake time";
  const where = goal.hosts.length === 1 ? "" : ` on ${harm.host.host}`;
  return {
    code: isTooBig ? "RELEASE_MEMORY" : facts.switchedAt === null ? "RELEASE_DIED" : "BAKE_FAILED",
    what: `An instance of ${harm.service} of release ${goal.release}${where} ${harm.sign}${when}.`,
    why: seen === undefined ? undefined : [seen.what, seen.why].filter(Boolean).join(" "),
    fix: isTooBig
      ? `Find what it keeps, or raise services.${harm.service}.memory.`
      : (seen?.fix ?? `Read its log: cutover logs ${harm.service}`),
    evidence: seen?.evidence,
  };
}

export function stuckProblem(effect: Effect, attempts: number, why: string | null): ProblemDetail {
  const name = effect.layer === "process" ? `${effect.service} ${effect.verb}` : effect.verb;
  return {
    code: "STEP_STUCK",
    what: `The step "${effect.layer}: ${name}" on ${effect.host} was tried ${attempts} times and its result was never seen.`,
    why: why ?? "It answered that it was done, so something keeps undoing it.",
    fix: "Look at the host with cutover status, then resume or abort.",
  };
}

interface Unreachable {
  readonly name: string;
  readonly why: string | undefined;
}

export function unreachableProblem(goal: Goal, missing: readonly Unreachable[]): ProblemDetail {
  const reasons = missing.flatMap(({ name, why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  return {
    code: "HOST_UNREACHABLE",
    what: `${missing.map(({ name }) => name).join(", ")} could not be reached.`,
    why: "Nothing is changed on a host that cannot be seen.",
    evidence: reasons.length === 0 ? undefined : reasons,
    fix: wayOut(goal),
    state: `The deployment of release ${goal.release} is paused; what has been switched so far keeps serving.`,
    exit: 6,
  };
}

/** The undo (or the tidying up) failed: no second turn without a human. */
export function pausedProblem(situation: Situation, problem: ProblemDetail): ProblemDetail {
  const { goal, facts } = situation;
  const isSame = facts.turned?.what === problem.what;
  const first = facts.turned === null || isSame ? [] : [`It was going back because: ${facts.turned.what}`];
  return {
    ...problem,
    why: [problem.why, ...first].filter(Boolean).join(" ") || undefined,
    fix: [problem.fix, wayOut(goal)].filter(Boolean).join(" "),
    state: describeServing(situation),
    exit: 5,
  };
}

export function downProblem({ goal }: Situation, services: string): ProblemDetail {
  return {
    code: "OLD_RELEASE_DOWN",
    what: `An instance of ${services} of the old release ${goal.previous} ended and does not come back.`,
    why: "It has to run before the new instances may go.",
    fix: `Read its log: cutover logs ${services.split(",")[0]}.`,
  };
}

export function undoneProblem(situation: Situation): ProblemDetail | undefined {
  const { turned } = situation.facts;
  if (turned === null) return undefined;
  return { ...turned, state: describeUndone(situation.goal), exit: 4 };
}

function describeUndone(goal: Goal): string {
  if (goal.previous === null)
    return `Nothing is live: this was the first deployment, and nothing of release ${goal.release} is left running.`;
  const where = goal.hosts.length === 1 ? "" : ` on all ${goal.hosts.length} hosts`;
  return `Release ${goal.previous} serves${where} as before; release ${goal.release} takes no traffic.`;
}

function wayOut(goal: Goal): string {
  return `cutover resume tries again, cutover abort goes back to ${goal.previous ?? "nothing being live"}.`;
}
