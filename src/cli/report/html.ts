import type { Proof } from "../../proof/proof.ts";
import { partsOf } from "../../proof/parts.ts";
import { shortDuration } from "../present/duration.ts";
import { failureText, proofNotes } from "../proof/text.ts";
import { titleOf } from "../present/step-text.ts";
import { barText, latencySvg, shareSvg } from "./html/answers.ts";
import { escape, table } from "./html/markup.ts";
import { style } from "./html/style.ts";
import { timelineSvg } from "./html/timeline.ts";
import type { Report } from "./report.ts";
import { groupSteps } from "./steps.ts";
import {
  factsOf,
  figureNames,
  figureRow,
  figuresOf,
  milliseconds,
  offset,
  proofText,
  stepOutcome,
  took,
  verdictWords,
  when,
} from "./words.ts";

/** One page that needs nothing else: no script, no font, no address. */
export function reportHtml(report: Report): string {
  const { app, id, headline } = report;
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
    section("What happened", timeline(report)),
    section("What clients noticed", noticed(report)),
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
  const { app, id, end, headline, startedAt } = report;
  const pill = `<span class="pill ${end ?? "paused"}">${end === null ? "Unfinished" : ends[end]}</span>`;
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
      ? [card("Not measured", proofText(measured), "")]
      : proofCards(measured);
  const steps = report.steps.length;
  return `<div class="cards">${[...own, card(took(report), `${steps} steps on ${report.hosts.length} ${report.hosts.length === 1 ? "host" : "hosts"}`, "")].join("")}</div>`;
}

function proofCards({ verdict, during, after, balancer }: Proof): readonly string[] {
  const tone = verdict === "holds" ? "good" : verdict === "broken" ? "bad" : "wait";
  const lost = during.failed + after.failed;
  const sent = (during.sent + after.sent).toLocaleString("en-US");
  const tries = balancer === null ? null : balancer.retries + balancer.redispatches;
  return [
    card(`${lost.toLocaleString("en-US")} lost`, `of ${sent} requests. ${verdictWords[verdict]}.`, tone),
    card(milliseconds(during.longestGapMs), "longest gap between two answers", ""),
    card(milliseconds(during.p99Ms), `p99 during, p50 ${milliseconds(during.p50Ms)}`, ""),
    ...(tries === null ? [] : [card(String(tries), "tries the balancer repeated", tries > 0 ? "wait" : "")]),
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

function timeline(report: Report): string {
  const all = report.hosts.filter(({ role }) => role === "server").map(({ host }) => host);
  const used = layers.filter((layer) => report.steps.some((step) => step.layer === layer));
  const hasFailed = report.steps.some(({ outcome }) => outcome !== "done");
  const legend = [...used, ...(hasFailed ? ["failed"] : [])];
  const rows = groupSteps(report.steps).map((group) => [
    offset(group.fromMs),
    titleOf(group.step, group.hosts, all),
    group.ms === null ? "" : shortDuration(group.ms),
    [stepOutcome(group), ...group.notes].join(": "),
  ]);
  const told = report.findings.map(({ problem }) => (problem.evidence ?? []).join("\n"));
  const verdicts = report.moments.filter(
    ({ evidence }) => evidence.length > 0 && !told.includes(evidence.join("\n")),
  );
  return [
    timelineSvg(report),
    `<ul class="legend">${legend.map((name) => `<li><i class="${name}"></i>${name}</li>`).join("")}</ul>`,
    ...verdicts.map(
      ({ says, evidence }) => `<h3>${escape(says)}</h3><pre>${escape(evidence.join("\n"))}</pre>`,
    ),
    details(`All ${report.steps.length} steps`, [table(["at", "step", "took", "outcome"], rows, "steps")]),
  ].join("\n");
}

function noticed({ measured }: Report): string {
  if (measured === null || "unmeasured" in measured) return `<p>${escape(proofText(measured))}</p>`;
  return partsOf(measured)
    .map((part, _, { length }) =>
      [
        length === 1
          ? ""
          : `<h3>Measured from ${when(part.startedAt)} for ${shortDuration(part.durationMs)}</h3>`,
        ...part.reasons.map((reason) => `<p>${escape(reason)}</p>`),
        table(figureNames, figuresOf(part), "figures"),
        details("Lane by lane, and what the figures are worth", [
          table(
            figureNames,
            part.lanes.map((lane) => figureRow(lane.lane, lane)),
            "figures",
          ),
          ...proofNotes(part).map((note) => `<p class="dim">${escape(note)}</p>`),
        ]),
        failures(part),
        `<h3>Answers by release, ${barText(part)}; underlined: the deployment</h3>${shareSvg(part)}`,
        `<h3>Latency, ${barText(part)}</h3>${latencySvg(part)}`,
      ].join("\n"),
    )
    .join("\n");
}

function failures({ failures: noted, window }: Proof): string {
  if (noted.length === 0) return "";
  const lines = noted.map((one) => failureText(one, window.fromMs));
  return details("The first that were lost", [`<pre>${escape(lines.join("\n"))}</pre>`]);
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
