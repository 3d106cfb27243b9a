import { type Proof, unended } from "../../proof/proof.ts";
import { costOf } from "../../proof/cost.ts";
import { partsOf, slowestOf } from "../../proof/parts.ts";
import { shortDuration } from "../present/duration.ts";
import { failureLines } from "../proof/failures.ts";
import { proofNotes } from "../proof/text.ts";
import { titleOf } from "../present/step-text.ts";
import { barText, latencySvg, shareSvg, unmeasuredNotes } from "./html/answers.ts";
import { table } from "./html/markup.ts";
import { escape } from "../../proof/svg/markup.ts";
import { type Picture, pictureOf } from "./html/picture.ts";
import { style } from "./html/style.ts";
import { timelineSvg } from "./html/timeline.ts";
import type { Moment } from "./moments.ts";
import type { Report } from "./report.ts";
import { groupSteps } from "./steps.ts";
import {
  factsOf,
  figureNames,
  figureRow,
  figuresOfRun,
  milliseconds,
  offset,
  proofText,
  stepOutcome,
  took,
  verdictsOf,
  verdictText,
  when,
} from "./words.ts";

/** One page that needs nothing else: no script, no font, no address. */
export function reportHtml(report: Report): string {
  const { app, id, headline } = report;
  const picture = pictureOf(report);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(`${app}, deployment ${id}: ${headline}`)}</title>`,
    `<style>${style}</style></head><body><main>`,
    header(report),
    cards(report),
    section("Findings", findings(report)),
    section("Way out", report.wayOut.map((line) => `<p>${escape(line)}</p>`).join("")),
    section("What happened", timeline(report, picture)),
    section("What clients noticed", noticed(report, picture)),
    section("Hosts", hosts(report)),
    `<footer>cutover report ${escape(id)}, from the journal of the deployment alone.</footer>`,
    "</main></body></html>",
    "",
  ].join("\n");
}

function section(title: string, content: string): string {
  return content === "" ? "" : `<section><h2>${escape(title)}</h2>\n${content}\n</section>`;
}

const ends = { new: "Done", old: "Undone", paused: "Paused" } as const;

function header(report: Report): string {
  const { app, id, end, isUnderWay, headline, startedAt } = report;
  const pill = `<span class="pill ${end ?? "paused"}">${end === null ? (isUnderWay ? "Under way" : "Unfinished") : ends[end]}</span>`;
  return [
    `<header>${pill} <span class="dim">${escape(app)}, deployment ${escape(id)}, ${when(startedAt)}</span>`,
    `<h1>${escape(headline)}</h1>`,
    "</header>",
  ].join("\n");
}

function cards(report: Report): string {
  const { measured } = report;
  const own =
    measured === null || "unmeasured" in measured
      ? [card(isUnreadable(measured) ? "Proof unreadable" : "Not measured", proofText(measured), "")]
      : proofCards(measured);
  const steps = report.steps.length;
  return `<div class="cards">${[...own, card(took(report), `${steps} steps on ${report.hosts.length} ${report.hosts.length === 1 ? "host" : "hosts"}`, "")].join("")}</div>`;
}

function isUnreadable(measured: Report["measured"]): boolean {
  return measured !== null && "unmeasured" in measured && measured.isUnreadable === true;
}

function proofCards(proof: Proof): readonly string[] {
  const { verdict } = proof;
  const parts = partsOf(proof);
  const { failed, sent, longestGapMs, repeated } = costOf(parts);
  const tone = verdict === "holds" ? "good" : verdict === "broken" ? "bad" : "wait";
  const [of, runs] = [sent.toLocaleString("en-US"), parts.length === 1 ? "" : ` in ${parts.length} runs`];
  const { p50Ms, p99Ms } = slowestOf(parts);
  return [
    card(`${failed.toLocaleString("en-US")} lost`, `of ${of} requests${runs}. ${verdictText(proof)}.`, tone),
    card(milliseconds(longestGapMs), "longest gap between two answers", ""),
    ...(p99Ms === null
      ? []
      : [
          card(
            milliseconds(p99Ms),
            `p99 during, p50 ${milliseconds(p50Ms)}${parts.length === 1 ? "" : ", of the slowest run"}`,
            "",
          ),
        ]),
    ...(repeated === null
      ? []
      : [card(String(repeated), "tries the balancer repeated", repeated > 0 ? "wait" : "")]),
  ];
}

function card(value: string, says: string, tone: string): string {
  return `<div class="card ${tone}"><b>${escape(value)}</b><span>${escape(says)}</span></div>`;
}

function findings({ findings: found }: Report): string {
  return found
    .map(({ problem, hosts }) => {
      const where = hosts.length === 0 ? "" : ` <span class="dim">${escape(hosts.join(", "))}</span>`;
      const evidence = problem.evidence ?? [];
      return [
        `<div class="finding"><p><code>${escape(problem.code)}</code>${where}<br>${escape(problem.what)}</p>`,
        problem.why === undefined ? "" : `<p class="dim">${escape(problem.why)}</p>`,
        evidence.length === 0 ? "" : `<pre>${escape(evidence.join("\n"))}</pre>`,
        "</div>",
      ].join("");
    })
    .join("\n");
}

const layers = ["release", "process", "traffic", "database", "hook"] as const;

function timeline(report: Report, picture: Picture): string {
  const all = report.hosts.filter(({ role }) => role === "server").map(({ host }) => host);
  const used = layers.filter((layer) => report.steps.some((step) => step.layer === layer));
  const hasFailed = report.steps.some(({ outcome }) => outcome !== "done" && outcome !== "under way");
  const legend = [...used, ...(hasFailed ? ["failed"] : [])];
  const rows = groupSteps(report.steps).map((group) => [
    offset(group.fromMs),
    titleOf(group.step, group.hosts, all),
    group.ms === null ? "" : shortDuration(group.ms),
    [stepOutcome(group), ...group.notes].join(": "),
  ]);
  return [
    timelineSvg(report, picture),
    `<ul class="legend">${legend.map((name) => `<li><i class="${name}"></i>${name}</li>`).join("")}</ul>`,
    ...verdictsOf(report).map(verdict),
    details(`All ${report.steps.length} steps`, [table(["at", "step", "took", "outcome"], rows, "steps")]),
  ].join("\n");
}

function verdict({ atMs, says, seen, evidence }: Moment): string {
  const when = seen === undefined ? "" : `<p class="dim">${escape(seen)}</p>`;
  return `<h3>${offset(atMs)} ${escape(says)}</h3>${when}<pre>${escape(evidence.join("\n"))}</pre>`;
}

function noticed({ measured }: Report, picture: Picture): string {
  if (measured === null || "unmeasured" in measured) return `<p>${escape(proofText(measured))}</p>`;
  return [
    ...measured.reasons.map((reason) => `<p>${escape(reason)}</p>`),
    `<h3>Answers by release, ${barText(picture)}; underlined: the deployment</h3>${shareSvg(picture)}`,
    `<h3>Latency, ${barText(picture)}</h3>${latencySvg(picture)}`,
    ...unmeasuredNotes(picture).map((note) => `<p class="dim note">${escape(note)}</p>`),
    ...partsOf(measured).map((part, index, parts) => run(part, index, parts)),
  ].join("\n");
}

/** Figures of one run, with what it has shown where there were several. That an earlier one did not end goes without saying. */
function run(part: Proof, index: number, { length }: readonly Proof[]): string {
  const isLast = index === length - 1;
  const own = length === 1 ? [] : part.reasons.filter((reason) => isLast || reason !== unended);
  return [
    length === 1
      ? ""
      : `<h3>Measured from ${when(part.startedAt)} for ${shortDuration(part.durationMs)}</h3>`,
    ...own.map((reason) => `<p>${escape(reason)}</p>`),
    table(figureNames, figuresOfRun(part), "figures"),
    details("Lane by lane, and what the figures are worth", [
      table(
        figureNames,
        part.lanes.map((lane) => figureRow(lane.lane, lane)),
        "figures",
      ),
      ...proofNotes(part).map((note) => `<p class="dim">${escape(note)}</p>`),
    ]),
    failures(part),
  ].join("\n");
}

function failures(part: Proof): string {
  const lines = failureLines(part);
  return lines.length === 0
    ? ""
    : details("The first that were lost", [`<pre>${escape(lines.join("\n"))}</pre>`]);
}

function details(summary: string, content: readonly string[]): string {
  return `<details><summary>${escape(summary)}</summary>${content.join("\n")}</details>`;
}

function hosts(report: Report): string {
  const rows = report.hosts.map(({ host, role, steps, failed, workMs }) => [
    host,
    role,
    String(steps),
    failed === 0 ? "-" : String(failed),
    shortDuration(workMs),
  ]);
  const facts = factsOf(report).map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return `<dl>${facts.join("")}</dl><h3>Work on each of them</h3>${table(["host", "role", "steps", "failed", "work"], rows)}`;
}
