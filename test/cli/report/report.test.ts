import { describe, expect, test } from "vitest";
import { reportHtml } from "../../../src/cli/report/html.ts";
import { reportMarkdown } from "../../../src/cli/report/markdown.ts";
import { type Report, reportOf } from "../../../src/cli/report/report.ts";
import { groupSteps } from "../../../src/cli/report/steps.ts";
import { reportText } from "../../../src/cli/report/text.ts";
import type { JournalRecord } from "../../../src/plan/record.ts";
import { measuredRun } from "../../proof/runs.ts";
import { harmfulCanary, measuredCanary } from "./recorded.ts";

function reportFrom(records: readonly JournalRecord[], measured: Report["measured"] = null): Report {
  const report = reportOf(records, measured);
  if (report === null) throw new Error("the journal has a beginning");
  return report;
}

describe("the report of a canary that did harm", () => {
  const report = reportFrom(harmfulCanary, measuredCanary());

  test("says how it ended, who did it, and what to do", () => {
    expect(report).toMatchObject({
      app: "shop",
      id: "42",
      end: "old",
      operators: ["ada@laptop"],
      headline: "Release 20261121090000 was taken back; 20261121080000 serves as before",
      wayOut: ["Correct what the evidence shows, then deploy again."],
      findings: [{ problem: { code: "CANARY_HARM" }, hosts: [] }],
    });
    expect(report.hosts.map(({ host, role, steps }) => [host, role, steps])).toEqual([
      ["lb1", "balancer", 4],
      ["web1", "server", 4],
      ["web2", "server", 1],
      ["web3", "server", 1],
      ["web4", "server", 1],
    ]);
  });

  test("tells the same step on many hosts as one, with all the time it took", () => {
    const [stage] = groupSteps(report.steps);
    expect(stage).toMatchObject({ hosts: ["web1", "web2", "web3", "web4"], fromMs: 100, ms: 4100 });
  });

  test("shows the judge's verdict and its evidence among the steps", () => {
    const text = reportText(report, 100);
    expect(text).toMatch(/\+21\.0s +\* +Judge: harm\. errors 5\.1 % beside 0\.0 %/);
    expect(text).toContain("| errors: 12 of 236, beside 0 of 4,480");
    expect(text).toMatch(/\d+ of 2,\d+ requests failed \(\d+ 5xx\); .*3 masked by the balancer's retries/);
    expect(reportHtml(report)).toContain("<pre>errors: 12 of 236, beside 0 of 4,480");
  });

  test("as a page needs nothing from anywhere, and what a program wrote is no markup in it", () => {
    const page = reportHtml(report);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=/);
    expect(page).not.toContain("<b>errors</b>");
    expect(page).toContain("&lt;b&gt;errors&lt;/b&gt;");
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page).toContain("prefers-color-scheme: dark");
  });

  test("as Markdown keeps its tables and lets nothing through", () => {
    const text = reportMarkdown(report);
    expect(text).toMatch(/^## ❌ shop: Release 20261121090000 was taken back/);
    expect(text).toContain(String.raw`\<b\>errors\</b\>`);
    for (const line of text.split("\n").filter((one) => one.startsWith("| +")))
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(5);
  });
});

test("each run in which a deployment was measured has its own figures on the page, all of them one picture", () => {
  const measured = measuredCanary();
  const one = reportHtml(reportFrom(harmfulCanary, measured));
  expect(one).not.toContain("<h3>Measured from");
  const earlier = [{ ...measured, startedAt: measured.startedAt - 60_000 }];
  const two = reportHtml(reportFrom(harmfulCanary, { ...measured, earlier }));
  expect(two.match(/<h3>Measured from [^<]*<\/h3>/g)).toEqual([
    "<h3>Measured from 2026-11-21 10:14:05 UTC for 24.0s</h3>",
    "<h3>Measured from 2026-11-21 10:15:05 UTC for 24.0s</h3>",
  ]);
  expect(two.match(/<table class="figures">/g)).toHaveLength(4);
  expect(two.match(/<svg /g)).toHaveLength(3);
});

test("a host's name has room beside its row, however long it is, and is told in full", () => {
  const name = "web1.frankfurt.shop.example.com";
  const records = JSON.parse(
    JSON.stringify(harmfulCanary).replaceAll('"web1"', `"${name}"`),
  ) as JournalRecord[];
  const page = reportHtml(reportFrom(records));
  const [, right] =
    new RegExp(`<text class="host" x="(\\d+)"[^>]*>${name}<title>${name}</title>`).exec(page) ?? [];
  expect(Number(right)).toBeGreaterThan(name.length * 6);
  expect(page).toContain(`<rect class="row" x="${Number(right) + 12}"`);
});

test("what a program painted is told in plain characters, line by line", () => {
  const lines = ["\u001B[31m[Nest] ERROR\u001B[39m no database\n    at \u001B[90mcheck\u001B[39m"];
  const records = harmfulCanary.map((one) =>
    one.kind === "end" && one.problem !== undefined
      ? { ...one, problem: { ...one.problem, evidence: lines } }
      : one,
  );
  const report = reportFrom(records);
  expect(report.findings[0]?.problem.evidence).toEqual(["[Nest] ERROR no database", "    at check"]);
  for (const text of [reportHtml(report), reportMarkdown(report), reportText(report, 80)])
    expect(text).not.toContain("\u001B");
});

test("of many lines the last are told in text and Markdown, and how many there are before them", () => {
  const lines = Array.from({ length: 27 }, (_, i) => `line ${i + 1}`);
  const records = harmfulCanary.map((one) =>
    one.kind === "end" && one.problem !== undefined
      ? { ...one, problem: { ...one.problem, evidence: lines } }
      : one,
  );
  const report = reportFrom(records);
  expect(reportText(report, 80)).toContain(
    "    | (7 lines before these: cutover report --html FILE)\n    | line 8\n",
  );
  expect(reportMarkdown(report)).toContain(
    "```\n(7 lines before these: cutover report --html FILE)\nline 8\n",
  );
  expect(reportHtml(report)).toContain("<pre>line 1\nline 2\n");
});

test("a proof that is broken by old answers alone does not say that requests were lost", () => {
  const old = "12 answers after the end came from another release";
  const broken = { verdict: "broken", oldAnswers: 12, reasons: [`${old}.`] } as const;
  const alone = reportFrom(harmfulCanary, { ...measuredRun(), ...broken });
  expect(reportHtml(alone)).toContain(`requests. ${old}.</span>`);
  for (const text of [reportHtml(alone), reportMarkdown(alone), reportText(alone, 100)]) {
    expect(text).toContain(old);
    expect(text).not.toContain("Requests were lost");
  }
  const both = { ...measuredRun({ isLost: (ms) => ms === 5000 }), ...broken };
  expect(reportHtml(reportFrom(harmfulCanary, both))).toContain(`requests. Requests were lost, and ${old}.`);
});

test("an unfinished deployment says so, and how to go on", () => {
  const cut = harmfulCanary.slice(0, 5);
  const report = reportFrom(cut);
  expect(report).toMatchObject({
    end: null,
    headline: "The deployment of release 20261121090000 has not come to an end",
    wayOut: [
      "cutover resume goes on to release 20261121090000.",
      "cutover abort goes back to 20261121080000.",
    ],
  });
  expect(report.steps.map(({ outcome, ms }) => [outcome, ms])).toEqual(
    Array.from({ length: 4 }, () => ["open", null]),
  );
  expect(reportText(report, 80)).toContain("never ended");
  expect(reportHtml(report)).toContain("never ended");
});

test("after a rollback the way out is a better release; the one it left is named, and not the first advice", () => {
  const [first] = harmfulCanary;
  if (first?.kind !== "begin") throw new Error("the journal has a beginning");
  const goal = {
    ...first.goal,
    kind: "rollback",
    release: "20261121080000",
    previous: "20261121090000",
  } as const;
  const report = reportFrom([
    { ...first, goal },
    { at: first.at + 9, kind: "end", end: "new" },
  ]);
  expect(report.wayOut).toEqual([
    "Correct what was wrong with release 20261121090000, then deploy again.",
    "If nothing was wrong with it: cutover rollback 20261121090000 makes it live again as it was.",
  ]);
  const onward = { ...goal, release: "20261121090000", previous: "20261121080000" };
  const forward = reportFrom([
    { ...first, goal: onward },
    { at: first.at + 9, kind: "end", end: "new" },
  ]);
  expect(forward.wayOut).toEqual(["cutover rollback 20261121080000 goes back to the release before."]);
});

test("a record that only a later version knows is told by its name", () => {
  const later = { at: harmfulCanary[0]?.at ?? 0, kind: "weather", why: "it rains" };
  const report = reportFrom([...harmfulCanary.slice(0, 1), later as unknown as JournalRecord]);
  expect(reportText(report, 80)).toContain("weather: it rains");
});

test("a deployment that was not measured says why", () => {
  const report = reportFrom(harmfulCanary, { unmeasured: "nothing was live before" });
  expect(reportText(report, 80)).toContain("Not measured: nothing was live before.");
  expect(reportHtml(report).match(/<svg /g)).toHaveLength(1);
  expect(reportMarkdown(report)).toContain("Not measured: nothing was live before.");
});

test("a journal without its first record has no report", () => {
  expect(reportOf([], null)).toBeNull();
});
