import type { Result } from "../../execute/loop.ts";
import { shortDuration } from "../present/duration.ts";
import type { Measured } from "../proof/measure.ts";
import { proofLines } from "../proof/text.ts";

/** What is told about, beside how it ended. */
export interface Told {
  readonly app: string;
  readonly stage: string | undefined;
  /** The servers in words. */
  readonly where: string;
  readonly operator: string;
  readonly result: Result;
  /** null: measuring is turned off. */
  readonly measured: Measured | null;
}

/** What the plain webhook gets: data that a program can act on. */
export function plainMessage({ app, stage, where, operator, result, measured }: Told): object {
  const { goal, end, problem, ms } = result;
  const { id, kind, release, previous, revision, hosts } = goal;
  return {
    app,
    stage: stage ?? null,
    host: where,
    hosts,
    id,
    kind,
    release,
    previous,
    revision,
    operator,
    end,
    ms,
    problem: problem?.what ?? null,
    code: problem?.code ?? null,
    fix: problem?.fix ?? null,
    proof: measured !== null && "verdict" in measured ? measured.verdict : null,
    text: sentence({ app, where, result }),
  };
}

/** What Slack, Mattermost and the like get: one text in their markup. */
export function slackMessage(told: Told): { readonly text: string } {
  const { result, measured, app, stage } = told;
  const { end, problem } = result;
  const mark = end === "new" ? "✅" : end === "old" ? "❌" : "⏸️";
  const named = stage === undefined ? app : `${app} (${stage})`;
  const lines = [
    `${mark} *${escape(named)}* ${escape(outcome(told))}`,
    ...(problem === undefined ? [] : [escape(problem.what)]),
    ...proofLine(measured).map(escape),
    ...(problem?.fix === undefined ? [] : [`_${escape(problem.fix)}_`]),
  ];
  return { text: lines.join("\n") };
}

function sentence({ app, where, result }: Pick<Told, "app" | "where" | "result">): string {
  return `${app} ${outcome({ where, result })}. ${result.problem?.what ?? ""}`.trim();
}

function outcome({ where, result }: Pick<Told, "where" | "result">): string {
  const { goal, end, ms } = result;
  const what = { deploy: "deployed", rollback: "rolled back to", converge: "brought up to" }[goal.kind];
  const took = `after ${shortDuration(ms)}`;
  if (end === "new") return `on ${where}: ${what} release ${goal.release} ${took}`;
  const now = end === "old" ? `release ${goal.previous ?? "none"} serves` : "attention needed";
  return `on ${where}: release ${goal.release} was not ${what}, ${now}, ${took}`;
}

function proofLine(measured: Measured | null): readonly string[] {
  return measured !== null && "verdict" in measured ? proofLines(measured).slice(0, 1) : [];
}

/** The three characters that mean something there. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
