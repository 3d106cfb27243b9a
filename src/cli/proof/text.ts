import { tickText } from "../../proof/axis.ts";
import { sayAtSwitch } from "../../proof/at-switch.ts";
import { type Cost, costOf } from "../../proof/cost.ts";
import { clockText } from "../../proof/clock.ts";
import { partsOf, slowestOf } from "../../proof/parts.ts";
import { gapsOf, runsOf, sayGaps } from "../../proof/runs.ts";
import { certainOutageMs, type Proof } from "../../proof/proof.ts";
import type { Stats } from "../../proof/result.ts";
import { shortDuration } from "../present/duration.ts";
import { failureLines } from "./failures.ts";
import { renderTable } from "../present/table.ts";

/** What a deployment ends with: what was lost, how much that is worth, and the figures around it; `isKept`: there is more to read. */
export function proofLines(proof: Proof, isKept: boolean = true): readonly string[] {
  const { verdict, reasons } = proof;
  const parts = partsOf(proof);
  const cost = costOf(parts);
  const weak =
    verdict === "inconclusive" || (verdict === "broken" && cost.failed === 0) ? ` ${reasons[0]}` : "";
  return [
    `Proof${proof.isEnded ? "" : " so far"}: ${sayCost(parts)}.${weak}${sayCrossed(parts)}${sayUnasked(proof)}`,
    `${sayQuantiles(parts)}${isKept ? " More: cutover proof" : ""}`,
  ];
}

function sayCrossed(parts: readonly Proof[]): string {
  const said = parts.flatMap(({ atSwitch = [] }) => sayAtSwitch(atSwitch) ?? []);
  return said.map((sentence) => ` ${sentence}`).join("");
}

/** Before the first run, during the slowest, after the last; without those in which nothing was answered. */
function sayQuantiles(parts: readonly Proof[]): string {
  const runs = parts.length === 1 ? "" : ` (the slowest of ${parts.length} runs)`;
  const stretches: readonly (readonly [Stats | undefined, string])[] = [
    [parts[0]?.before, "before"],
    [slowestOf(parts), `during${runs}`],
    [parts.at(-1)?.after, "after"],
  ];
  const told = stretches.flatMap(([stats, when]) =>
    stats === undefined || stats.p99Ms === null ? [] : [`${quantiles(stats)} ms ${when}${sayFew(stats)}`],
  );
  return told.length === 0 ? "Nothing was answered." : `p50/p99 ${told.join(", ")}.`;
}

/** Of fewer than these the highest percent is one answer. */
const enoughForP99 = 100;

function sayFew({ answered }: Stats): string {
  return answered < enoughForP99 ? ` (p99: the slowest of ${answered})` : "";
}

function sayUnasked({ unasked = [] }: Proof): string {
  return unasked.length === 0 ? "" : ` Not asked: ${unasked.map(({ service }) => service).join(", ")}.`;
}

/** One deployment may have been measured in several runs of the program. */
function sayCost(parts: readonly Proof[]): string {
  const cost = costOf(parts);
  return `${sayLost(cost)}; longest gap ${milliseconds(cost.longestGapMs)} ms${sayMasked(cost)}`;
}

function sayLost({ failed, sent, failedBy }: Cost): string {
  const how = [...failedBy].map(([name, number]) => `${count(number)} ${name}`).join(", ");
  return failed === 0
    ? `0 of ${count(sent)} requests failed, at most ${percent(3 / Math.max(3, sent))} with 95 % certainty`
    : `${count(failed)} of ${count(sent)} requests failed (${how})`;
}

function sayMasked({ repeated, isUncounted }: Cost): string {
  if (repeated === null) return isUncounted ? "; what the balancer tried again is not known" : "";
  return `; ${count(repeated)} masked by the balancer's retries`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** All of it, for `cutover proof`: run by run where there were several. */
export function proofText(proof: Proof): string {
  const { deployment, url, verdict, isEnded, reasons, earlier = [] } = proof;
  const parts = partsOf(proof);
  const first = parts[0] ?? proof;
  const when = new Date(first.startedAt).toISOString().slice(0, 19).replace("T", " ");
  return [
    `Deployment ${deployment}, ${when} UTC, ${url}: ${verdict}${isEnded ? "" : " so far"}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...earlier.map((part) => `  ${sayEarlier(part)}`),
    ...runGaps(proof).map((note) => `  ${note}`),
    ...parts.flatMap((part, i) => [
      "",
      ...(parts.length === 1 ? [] : [heading(part, i, parts)]),
      ...runLines(part),
    ]),
  ].join("\n");
}

/** What lies between the runs of one deployment; none where there was one. */
export function runGaps(proof: Proof): readonly string[] {
  const runs = runsOf(proof);
  if (runs.length === 1) return [];
  const gaps = sayGaps(gapsOf(runs, { from: runs[0]?.from ?? 0, to: runs.at(-1)?.to ?? 0 }));
  // Else it would not hold.
  const meanwhile = proof.verdict === "holds" ? "; nothing was changed then" : "";
  return [`Between the runs: ${gaps}${meanwhile}.`];
}

function heading({ startedAt, durationMs }: Proof, index: number, { length }: readonly Proof[]): string {
  return `Run ${index + 1} of ${length}, ${clockText(startedAt)} to ${clockText(startedAt + durationMs)} UTC`;
}

function runLines(part: Proof): readonly string[] {
  return [
    renderTable(columns, [
      ...rowUnlessEmpty("before", part.before),
      row("during", part.during),
      ...part.lanes.map((lane) => row(`- ${lane.lane}`, lane)),
      ...rowUnlessEmpty("after", part.after),
    ]),
    "",
    ...[...proofNotes(part), ...shares(part), ...failureLines(part)].map((line) => `  ${line}`),
  ];
}

function sayEarlier(part: Proof): string {
  const { startedAt, durationMs, verdict } = part;
  const [from, to] = [clockText(startedAt), clockText(startedAt + durationMs)];
  return `Before it was taken up again, ${from} to ${to} UTC: ${sayCost([part])}: ${verdict}.`;
}

const columns = ["", "sent", "lost", "gap, ms", "p50, ms", "p99, ms", "most, ms"];

/** A run that takes a deployment up has nothing before, one that was stopped nothing after. */
function rowUnlessEmpty(name: string, stats: Stats): readonly (readonly string[])[] {
  return stats.sent === 0 ? [] : [row(name, stats)];
}

function row(name: string, stats: Stats): readonly string[] {
  const { sent, failed, longestGapMs, p50Ms, p99Ms, maxMs } = stats;
  const times = [longestGapMs, p50Ms, p99Ms, maxMs].map(milliseconds);
  return [name, String(sent), String(failed), ...times];
}

function untilWhen({ isEnded, isUnderWay }: Proof): string {
  if (isEnded) return "to the end";
  return isUnderWay === true ? "until now" : "until it stopped";
}

/** What the figures are worth, a sentence each. */
export function proofNotes(proof: Proof): readonly string[] {
  const { window, isTakenUp, resolutionMs, lag, balancer, isUncounted, unasked = [] } = proof;
  const outageMs = certainOutageMs(resolutionMs, lag);
  const masked =
    balancer === null
      ? isUncounted === true
        ? "not known, because the balancer does not count them"
        : "none is driven that would count them"
      : `${balancer.retries} on the same server, ${balancer.redispatches} on another`;
  return [
    `From ${isTakenUp === true ? "when it was taken up again" : "the first change"} ${untilWhen(proof)}: ${shortDuration(window.toMs - window.fromMs)}.`,
    ...(outageMs === null
      ? []
      : [
          `Shortest outage that would have shown for certain: ${milliseconds(outageMs)} ms (a request every ${milliseconds(resolutionMs)} ms, sent ${milliseconds(lag.maxMs)} ms late at most).`,
        ]),
    `The prober itself was late by (p99): ${milliseconds(lag.p99Ms)} ms.`,
    `Tries the balancer repeated: ${masked}.`,
    `Answers of another release after the end: ${sayOld(proof)}.`,
    ...unasked.map(({ service, why }) => `Not asked: ${service}, because it ${why}.`),
  ];
}

function sayOld({ oldAnswers, isEnded, seconds }: Proof): string {
  if (oldAnswers !== null) return String(oldAnswers);
  if (!isEnded) return "not known, because it had not come to its end";
  const isTold = seconds.some(({ versions }) => Object.keys(versions).length > 0);
  return isTold
    ? "not known, because what they tell of their release cannot be compared with it"
    : "unknown: the program does not tell its release (proof.release-header)";
}

/** More lines than this tell nobody anything. */
const mostShares = 24;

/** Stretches in which the same versions answered alike, told as finely as there is room for: "0-4 s: v1 100 %". */
function shares({ seconds, slotMs }: Proof): readonly string[] {
  for (let per = 1; ; per *= 2) {
    const lines = sharesOf(seconds, per);
    if (lines.length > mostShares && per < seconds.length) continue;
    return lines.map(({ text, from, to }) => `${stretch(from * slotMs, to * slotMs)}: ${text}`);
  }
}

interface Share {
  readonly text: string;
  readonly from: number;
  to: number;
}

/** `per` slots are told as one. */
function sharesOf(seconds: Proof["seconds"], per: number): readonly Share[] {
  const lines: Share[] = [];
  for (let from = 0; from < seconds.length; from += per) {
    const to = Math.min(seconds.length, from + per);
    const text = shareText(seconds.slice(from, to));
    const last = lines.at(-1);
    if (last?.text === text && last.to === from) last.to = to;
    else if (text !== "") lines.push({ text, from, to });
  }
  return lines;
}

function shareText(seconds: Proof["seconds"]): string {
  const answers = new Map<string, number>();
  for (const { versions } of seconds)
    for (const [version, count] of Object.entries(versions))
      answers.set(version, (answers.get(version) ?? 0) + count);
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  return [...answers]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([version, count]) => `${version} ${Math.round((count / total) * 100)} %`)
    .join(", ");
}

/** "0-4 s", "1h05m-1h10m". */
function stretch(fromMs: number, toMs: number): string {
  if (toMs < 600_000) return `${fromMs / 1000}-${toMs / 1000} s`;
  return `${tickText(fromMs)}-${tickText(toMs)}`;
}

function quantiles({ p50Ms, p99Ms }: Stats): string {
  return `${milliseconds(p50Ms)}/${milliseconds(p99Ms)}`;
}

function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
