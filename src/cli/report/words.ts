import type { Proof } from "../../proof/proof.ts";
import { tickText } from "../../proof/axis.ts";
import { costOf } from "../../proof/cost.ts";
import { clockText } from "../../proof/clock.ts";
import { partsOf } from "../../proof/parts.ts";
import type { Stats } from "../../proof/result.ts";
import { shortDuration } from "../present/duration.ts";
import { proofLines, runGaps } from "../proof/text.ts";
import type { Measured } from "../proof/measure.ts";
import type { Moment } from "./moments.ts";
import type { Report } from "./report.ts";
import type { StepGroup } from "./steps.ts";

const hourMs = 3_600_000;

/** What every form of the report says in the same words. */

export function when(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** "+1.2s" since the beginning; to the second after hours, too, where steps of one run would all be alike. */
export function offset(ms: number): string {
  return `+${ms < hourMs ? shortDuration(ms) : tickText(Math.round(ms / 1000) * 1000)}`;
}

export function took({ startedAt, endedAt }: Report): string {
  return shortDuration(endedAt - startedAt);
}

function fleetOf({ hosts }: Report): string {
  const servers = hosts.filter(({ role }) => role === "server").map(({ host }) => host);
  return servers.length > 4 ? `${servers.length} servers` : servers.join(", ");
}

export function factsOf(report: Report): readonly (readonly [string, string])[] {
  const { kind, strategy, release, previous, revision, operators } = report;
  return [
    ["what", `${kind}, ${strategy}`],
    ["release", previous === null || previous === release ? release : `${release}, before it ${previous}`],
    ["revision", revision],
    ["servers", fleetOf(report)],
    ["by", operators.join(", ")],
    ["when", `${when(report.startedAt)}, ${took(report)}${report.isUnderWay ? " so far" : ""}`],
  ];
}

/** What the judge found with what it had seen, where no finding tells it already. */
export function verdictsOf({ moments, findings }: Report): readonly Moment[] {
  const told = findings.map(({ problem }) => (problem.evidence ?? []).join("\n"));
  return moments.filter(({ evidence }) => evidence.length > 0 && !told.includes(evidence.join("\n")));
}

/** The whole sentence of the proof, or why there is none. */
export function proofText(measured: Measured | null): string {
  if (measured === null) return "It was not measured.";
  if ("unmeasured" in measured && measured.isUnreadable === true)
    return `Its proof cannot be read: ${measured.unmeasured}.`;
  if ("unmeasured" in measured) return `Not measured: ${measured.unmeasured}.`;
  return (proofLines(measured)[0] ?? "").replace(/^Proof: /, "").replace(/^Proof so far: /, "So far: ");
}

/** Of several runs how many they were, and what lay between. */
export function runNotes(measured: Measured | null): readonly string[] {
  if (measured === null || "unmeasured" in measured || measured.earlier === undefined) return [];
  return [`Measured in ${partsOf(measured).length} runs.`, ...runGaps(measured)];
}

const verdictWords: Readonly<Record<Proof["verdict"], string>> = {
  holds: "No request was lost",
  masked: "Failures were hidden by the balancer",
  broken: "Requests were lost",
  inconclusive: "Not proven",
};

/** Old answers break a proof, too, and lose nothing. */
export function verdictText(proof: Proof): string {
  const parts = partsOf(proof);
  const old = parts.reduce((sum, { oldAnswers }) => sum + (oldAnswers ?? 0), 0);
  if (proof.verdict !== "broken" || old === 0) return verdictWords[proof.verdict];
  const late = `${old.toLocaleString("en-US")} ${old === 1 ? "answer" : "answers"} after the end came from another release`;
  return costOf(parts).failed === 0 ? late : `${verdictWords.broken}, and ${late}`;
}

/** The last lines of a program say most. */
const shownLines = 20;

export function lastLines(lines: readonly string[]): readonly string[] {
  const more = lines.length - shownLines;
  if (more <= 0) return lines;
  const left = `(${more.toLocaleString("en-US")} ${more === 1 ? "line" : "lines"} before these: cutover report --html FILE)`;
  return [left, ...lines.slice(-shownLines)];
}

export const figureNames = ["", "sent", "lost", "longest gap", "p50", "p99", "slowest"] as const;

/** Before, during, after. Of several runs: before the first, during each, after the last, and wherever else something was lost. */
export function figuresOf(proof: Proof): readonly (readonly string[])[] {
  const parts = partsOf(proof);
  const [first = proof, ...others] = parts;
  if (others.length === 0) return figuresOfRun(first);
  return [
    ...rowUnlessEmpty("before", first.before),
    ...parts.flatMap(({ startedAt, during, after }, i) => {
      const from = `from ${clockText(startedAt)} on`;
      const isTold = i === parts.length - 1 || after.failed === 0;
      return [
        figureRow(`during, ${from}`, during),
        ...(isTold ? [] : [figureRow(`after what was done ${from}`, after)]),
      ];
    }),
    ...rowUnlessEmpty("after", proof.after),
  ];
}

/** Before, during, after that run. */
export function figuresOfRun({ before, during, after }: Proof): readonly (readonly string[])[] {
  return [
    ...rowUnlessEmpty("before", before),
    figureRow("during", during),
    ...rowUnlessEmpty("after", after),
  ];
}

/** A run that takes a deployment up has nothing before, one that was stopped nothing after. */
function rowUnlessEmpty(name: string, stats: Stats): readonly (readonly string[])[] {
  return stats.sent === 0 ? [] : [figureRow(name, stats)];
}

export function figureRow(name: string, stats: Stats): readonly string[] {
  const times = [stats.longestGapMs, stats.p50Ms, stats.p99Ms, stats.maxMs].map(milliseconds);
  return [name, stats.sent.toLocaleString("en-US"), stats.failed.toLocaleString("en-US"), ...times];
}

/** "4.2 ms", "1218 ms", "19.2 s". */
export function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

export function stepOutcome({ step, ms }: StepGroup): string {
  return ms === null && step.outcome !== "under way" ? "never ended" : step.outcome;
}

/** Everything in the order in which it happened: steps and moments. */
export function inOrder<Thing extends { readonly at: number }>(things: readonly Thing[]): readonly Thing[] {
  return things.toSorted((one, other) => one.at - other.at);
}
