import { describe, expect, test } from "vitest";
import { reportHtml } from "../../../src/cli/report/html.ts";
import { reportMarkdown } from "../../../src/cli/report/markdown.ts";
import { type Report, reportOf } from "../../../src/cli/report/report.ts";
import { reportText } from "../../../src/cli/report/text.ts";
import type { JournalRecord } from "../../../src/plan/record.ts";
import { unended } from "../../../src/proof/proof.ts";
import { harmfulCanary, measuredCanary } from "./recorded.ts";

const turnedAt = harmfulCanary.findIndex(({ kind }) => kind === "turn");

/** Half a minute after the beginning. */
const now = (harmfulCanary[0]?.at ?? 0) + 30_000;

function reportNow(records: readonly JournalRecord[], measured: Report["measured"] = null): Report {
  const report = reportOf(records, measured, now);
  if (report === null) throw new Error("the journal has a beginning");
  return report;
}

function formsOf(report: Report): readonly string[] {
  return [reportText(report, 100), reportMarkdown(report), reportHtml(report)];
}

describe("the report of a deployment that somebody carries out at this moment", () => {
  const report = reportNow(harmfulCanary.slice(0, 5));

  test("says who, and what can be done about it from elsewhere, not how to take it up", () => {
    expect(report).toMatchObject({
      end: null,
      isUnderWay: true,
      headline: "ada@laptop deploys release 20261121090000 at this moment",
      wayOut: [
        "cutover pause stops it where it is, from any terminal.",
        "cutover abort turns it back to 20261121080000, from any terminal.",
      ],
    });
    for (const text of formsOf(report)) {
      expect(text).toContain("at this moment");
      expect(text).not.toMatch(/resume|not come to an end|Unfinished/);
    }
    expect(reportHtml(report)).toContain('<span class="pill paused">Under way</span>');
    expect(reportText(report, 100)).toMatch(/ {2}when .*, 30\.0s so far$/m);
  });

  test("has its steps under way, not failed", () => {
    expect(report.hosts.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0]);
    for (const text of formsOf(report)) {
      expect(text).toContain("under way");
      expect(text).not.toContain("never ended");
    }
    expect(reportHtml(report)).not.toContain('class="bar failed"');
    const widths = [...reportHtml(report).matchAll(/<rect class="bar release" [^>]*width="([\d.]+)"/g)];
    expect(Math.min(...widths.map(([, width]) => Number(width)))).toBeGreaterThan(700);
  });

  test("tells what was measured so far as that, and that nothing was kept of it yet", () => {
    const { reasons, ...measured } = measuredCanary();
    const proof = { ...measured, isEnded: false, reasons: [...reasons, unended] };
    const page = reportHtml(reportNow(harmfulCanary.slice(0, 5), proof));
    expect(page).toContain("<p>The deployment is under way; this is what was measured so far.</p>");
    expect(page).not.toContain("until it stopped");
    for (const text of formsOf(report)) expect(text).toContain("nothing was kept of it so far");
  });

  test("on its way back it goes by itself", () => {
    expect(reportNow(harmfulCanary.slice(0, turnedAt + 2)).wayOut).toEqual([
      "It goes back by itself; cutover pause stops it where it is.",
    ]);
  });

  test("past its last verdict there is nothing left to decide", () => {
    const promoted: JournalRecord = { at: harmfulCanary[4]?.at ?? 0, kind: "mark", mark: "promoted" };
    expect(reportNow([...harmfulCanary.slice(0, 5), promoted]).wayOut).toEqual([
      "The new release stays; what is left of the old one is being cleared away.",
    ]);
  });
});

test("a step that was cut off before it was taken up again never ended, whoever goes on now", () => {
  const operator = "bob@desk";
  const at = (harmfulCanary[4]?.at ?? 0) + 60_000;
  const taken: JournalRecord[] = [
    { at, kind: "claim", epoch: 43, operator },
    { at, kind: "command", command: "resume", operator },
  ];
  const report = reportNow([...harmfulCanary.slice(0, 5), ...taken]);
  expect(report.headline).toBe("bob@desk deploys release 20261121090000 at this moment");
  expect(report.steps.map(({ outcome }) => outcome)).toEqual(["open", "open", "open", "open"]);
});

test("one that has ended is told as ended, whoever changes the app now", () => {
  expect(reportNow(harmfulCanary)).toMatchObject({ end: "old", isUnderWay: false });
});
