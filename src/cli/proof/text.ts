import { tickText } from "../../proof/axis.ts";
import { sayAtSwitch } from "../../proof/at-switch.ts";
import { partsOf } from "../../proof/parts.ts";
import { certainOutageMs, type Proof } from "../../proof/proof.ts";
import type { Stats } from "../../proof/result.ts";
import { shortDuration } from "../present/duration.ts";
import { renderTable } from "../present/table.ts";

/** What a deployment ends with: what was lost, how much that is worth, and the figures around it. */
export function proofLines(proof: Proof): readonly string[] {
  const { verdict, reasons, during, after, before } = proof;
  const { failed: lost } = sumOf(partsOf(proof));
  const weak = verdict === "inconclusive" || (verdict === "broken" && lost === 0) ? ` ${reasons[0]}` : "";
  return [
    `Proof: ${sayCost(partsOf(proof))}.${weak}${sayCrossed(partsOf(proof))}${sayUnasked(proof)}`,
    `p50/p99 ${quantiles(before)} before, ${quantiles(during)} during, ${quantiles(after)} ms after. More: cutover proof`,
  ];
}

function sayCrossed(parts: readonly Proof[]): string {
  const said = parts.flatMap(({ atSwitch = [] }) => sayAtSwitch(atSwitch) ?? []);
  return said.map((sentence) => ` ${sentence}`).join("");
}

function sayUnasked({ unasked = [] }: Proof): string {
  return unasked.length === 0 ? "" : ` Not asked: ${unasked.map(({ service }) => service).join(", ")}.`;
}

/** One deployment may have been measured in several runs of the program. */
function sayCost(parts: readonly Proof[]): string {
  const gaps = parts.map(({ during }) => during.longestGapMs).filter((ms) => ms !== null);
  const gap = milliseconds(gaps.length === 0 ? null : Math.max(...gaps));
  return `${sayLost(parts)}; longest gap ${gap} ms${sayMasked(parts)}`;
}

function sayLost(parts: readonly Proof[]): string {
  const { failed, sent, by } = sumOf(parts);
  const how = [...by].map(([name, number]) => `${count(number)} ${name}`).join(", ");
  return failed === 0
    ? `0 of ${count(sent)} requests failed, at most ${percent(3 / Math.max(3, sent))} with 95 % certainty`
    : `${count(failed)} of ${count(sent)} requests failed (${how})`;
}

function sumOf(parts: readonly Proof[]) {
  const stats = parts.flatMap(({ during, after }) => [during, after]);
  const by = new Map<string, number>();
  for (const [name, number] of stats.flatMap(({ failedBy }) => Object.entries(failedBy)))
    by.set(name, (by.get(name) ?? 0) + number);
  const sum = (of: "failed" | "sent"): number => stats.reduce((all, one) => all + one[of], 0);
  return { failed: sum("failed"), sent: sum("sent"), by };
}

function sayMasked(parts: readonly Proof[]): string {
  const counted = parts.flatMap(({ balancer }) => (balancer === null ? [] : [balancer]));
  if (counted.length === 0)
    return parts.some(({ isUncounted }) => isUncounted) ? "; what the balancer tried again is not known" : "";
  const tries = counted.reduce((all, { retries, redispatches }) => all + retries + redispatches, 0);
  return `; ${count(tries)} masked by the balancer's retries`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** All of it, for `cutover proof`. */
export function proofText(proof: Proof): string {
  const { deployment, startedAt, url, verdict, isEnded, reasons, failures, window } = proof;
  const when = new Date(startedAt).toISOString().slice(0, 19).replace("T", " ");
  return [
    `Deployment ${deployment}, ${when} UTC, ${url}: ${verdict}${isEnded ? "" : " so far"}`,
    ...reasons.map((reason) => `  ${reason}`),
    "",
    renderTable(columns, [
      row("before", proof.before),
      row("during", proof.during),
      ...proof.lanes.map((lane) => row(`- ${lane.lane}`, lane)),
      row("after", proof.after),
    ]),
    "",
    ...[...proofNotes(proof), ...(proof.earlier ?? []).map(sayEarlier)].map((note) => `  ${note}`),
    ...shares(proof),
    ...failures.map((one) => `  ${failureText(one, window.fromMs)}`),
  ].join("\n");
}

/** "1.2s after the first change: reset, kept: read ECONNRESET". */
export function failureText(
  { lane, failure, detail, endMs }: Proof["failures"][number],
  fromMs: number,
): string {
  const when = endMs < fromMs ? "before" : "after";
  const what = [failure, detail].filter((part) => part !== "").join(", ");
  return `${shortDuration(Math.abs(endMs - fromMs))} ${when} the first change, ${lane}: ${what}`;
}

function sayEarlier(part: Proof): string {
  const { startedAt, durationMs, verdict } = part;
  const [from, to] = [startedAt, startedAt + durationMs].map((at) =>
    new Date(at).toISOString().slice(11, 19),
  );
  return `Before it was taken up again, ${from} to ${to} UTC: ${sayCost([part])}: ${verdict}.`;
}

const columns = ["", "sent", "lost", "gap, ms", "p50, ms", "p99, ms", "most, ms"];

function row(name: string, stats: Stats): readonly string[] {
  const { sent, failed, longestGapMs, p50Ms, p99Ms, maxMs } = stats;
  const times = [longestGapMs, p50Ms, p99Ms, maxMs].map(milliseconds);
  return [name, String(sent), String(failed), ...times];
}

/** What the figures are worth, a sentence each. */
export function proofNotes({
  window,
  resolutionMs,
  lag,
  balancer,
  isUncounted,
  oldAnswers,
  unasked = [],
}: Proof): readonly string[] {
  const outageMs = certainOutageMs(resolutionMs, lag);
  const old =
    oldAnswers === null
      ? "unknown: the program does not tell its release (proof.release-header)"
      : String(oldAnswers);
  const masked =
    balancer === null
      ? isUncounted === true
        ? "not known, because the balancer does not count them"
        : "none is driven that would count them"
      : `${balancer.retries} on the same server, ${balancer.redispatches} on another`;
  return [
    `From the first change to the end: ${shortDuration(window.toMs - window.fromMs)}.`,
    ...(outageMs === null
      ? []
      : [
          `Shortest outage that would have shown for certain: ${milliseconds(outageMs)} ms (a request every ${milliseconds(resolutionMs)} ms, sent ${milliseconds(lag.maxMs)} ms late at most).`,
        ]),
    `The prober itself was late by (p99): ${milliseconds(lag.p99Ms)} ms.`,
    `Tries the balancer repeated: ${masked}.`,
    `Answers of another release after the end: ${old}.`,
    ...unasked.map(({ service, why }) => `Not asked: ${service}, because it ${why}.`),
  ];
}

/** More lines than this tell nobody anything. */
const mostShares = 24;

/** Stretches in which the same versions answered alike, told as finely as there is room for: "0-4 s: v1 100 %". */
function shares({ seconds, slotMs }: Proof): readonly string[] {
  for (let per = 1; ; per *= 2) {
    const lines = sharesOf(seconds, per);
    if (lines.length > mostShares && per < seconds.length) continue;
    return lines.map(({ text, from, to }) => `  ${stretch(from * slotMs, to * slotMs)}: ${text}`);
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
