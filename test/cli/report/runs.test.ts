import { describe, expect, test } from "vitest";
import { reportHtml } from "../../../src/cli/report/html.ts";
import { reportMarkdown } from "../../../src/cli/report/markdown.ts";
import { type Report, reportOf } from "../../../src/cli/report/report.ts";
import { reportText } from "../../../src/cli/report/text.ts";
import type { Effect } from "../../../src/plan/effect.ts";
import type { Goal, JournalRecord } from "../../../src/plan/record.ts";
import { measuredRuns, morning } from "../../proof/runs.ts";
import { makeScenario, makeService, makeSpec, newRelease } from "../../simulation/scenario.ts";

const hour = 3600;
const hosts = ["web1", "web2"];
const goal: Goal = {
  ...makeScenario("runs", { spec: makeSpec([makeService("web")]), hosts }).goal,
  id: "42",
};

/** Seconds since that morning. */
function at(second: number): number {
  return morning + second * 1000;
}

function check(host: string, from: number, takes: number | null): JournalRecord[] {
  const effect: Effect = { layer: "process", verb: "check", host, release: newRelease, service: "web" };
  const end: JournalRecord[] =
    takes === null ? [] : [{ at: at(from + takes), kind: "outcome", effect, outcome: { outcome: "done" } }];
  return [{ at: at(from), kind: "intent", effect }, ...end];
}

const begin: JournalRecord = { at: at(0), kind: "begin", goal, epoch: 1, operator: "ada@laptop" };

function takenUp(second: number): JournalRecord[] {
  const operator = "bob@desk";
  return [
    { at: at(second), kind: "claim", epoch: 2, operator },
    { at: at(second), kind: "command", command: "resume", operator },
  ];
}

/** Killed in the middle of a step, taken up again after `later` seconds. */
function interrupted(later: number, measured: Report["measured"]): Report {
  const records = [
    begin,
    ...check("web1", 2, 3),
    ...check("web2", 6, null),
    ...takenUp(8 + later),
    ...check("web2", 10 + later, 4),
    { at: at(20 + later), kind: "end", end: "new" } as const,
  ];
  const report = reportOf(records, measured);
  if (report === null) throw new Error("the journal has a beginning");
  return report;
}

function bothRuns(later: number) {
  return measuredRuns(
    { durationMs: 8000, isLost: (ms) => ms === 5000 },
    { at: (8 + later) * 1000, durationMs: 12_000, latencyMs: () => 20 },
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The pictures of a page: effects, answers, latency. */
function picturesOf(page: string): readonly string[] {
  return [...page.matchAll(/<svg [\s\S]*?<\/svg>/g)].map(([svg]) => svg);
}

function spans(svg: string, shape: RegExp): readonly Span[] {
  return [...svg.matchAll(shape)].map(([, x = "", width = ""]) => ({
    from: Number(x),
    to: Number(x) + Number(width),
  }));
}

const gapShape = /<rect x="([\d.]+)" y="\d+" width="([\d.]+)"[^>]*class="paper"><title>/g;

describe.each([20, 3 * hour])("a deployment that was killed and taken up again after %i seconds", (later) => {
  const page = reportHtml(interrupted(later, bothRuns(later)));
  const [effects = "", answers = "", latency = ""] = picturesOf(page);

  test("has its gap at the same place in every picture, marked with its length", () => {
    const gaps = [effects, answers, latency].map((svg) => spans(svg, gapShape));
    expect(gaps.map(({ length }) => length)).toEqual([1, 1, 1]);
    const [first] = gaps[1] ?? [];
    expect(gaps[2]).toEqual([first]);
    const length = later === 20 ? "20s" : "3h";
    expect(effects).toContain(`<title>${length} interrupted</title>`);
    if (later > 20) expect(page).toContain('<span class="dim">+3h00m08s</span> bob@desk took it up again');
    expect(answers).toContain(`<title>${length} not measured</title>`);
    expect(page).toContain(`Hatched: interrupted for ${length}.`);
    expect(page).toContain(`Hatched: not measured for ${length} from 10:15:10 to `);
    expect(page).toContain("The time axis is broken there");
  });

  test("has effects, answers and losses on their side of it", () => {
    const [gap = { from: 0, to: 0 }] = spans(answers, gapShape);
    const bars = spans(effects, /<rect class="bar [a-z]+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
    expect(bars.map(({ to }) => to <= gap.from + 3)).toEqual([true, true, false]);
    expect(bars[2]?.from).toBeGreaterThan(gap.to);
    const answered = spans(answers, /<rect class="v0" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
    expect(answered.filter(({ to }) => to <= gap.from)).toHaveLength(8);
    expect(answered.filter(({ from }) => from >= gap.to)).toHaveLength(12);
    const lost = spans(answers, /<rect class="lost" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
    expect(lost.map(({ from }) => from)).toEqual([answered[5]?.from]);
    expect(latency.match(/<polyline class="line p99"/g)).toHaveLength(2);
  });

  test("has the same numbers below every picture", () => {
    const numbers = [effects, answers, latency].map((svg) =>
      [...svg.matchAll(/<text class="axis tick" x="([\d.]+)"[^>]*>([^<]+)/g)].map(([, x, text]) => [x, text]),
    );
    expect(numbers[1]).toEqual(numbers[0]);
    expect(numbers[2]).toEqual(numbers[0]);
    expect(numbers[0]?.some(([, text]) => text === (later === 20 ? "36s" : "3h00m16s"))).toBe(true);
  });

  test("counts what was lost in all of it", () => {
    expect(page).toContain("<b>1 lost</b><span>of 901 requests in 2 runs. Requests were lost.</span>");
  });
});

test("of an ended deployment no run is said not to have ended", () => {
  const page = reportHtml(interrupted(20, bothRuns(20)));
  expect(page.match(/<h3>Measured from /g)).toHaveLength(2);
  expect(page).not.toContain("has not come to its end");
  expect(page).toContain("<p>1 of 360 requests were lost.</p>");
});

test("a step that never ended reaches to the end of its own run, not through all that came later", () => {
  const [effects = ""] = picturesOf(reportHtml(interrupted(20, null)));
  const [, open] = spans(effects, /<rect class="bar [a-z]+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
  const [gap] = spans(effects, gapShape);
  expect(open?.to).toBeLessThanOrEqual((gap?.from ?? 0) + 3);
});

test("a gap is told on two lines, and with its length alone where a row is all there is", () => {
  const page = (hostCount: number): string => {
    const report = interrupted(20, null);
    return picturesOf(reportHtml({ ...report, hosts: report.hosts.slice(0, hostCount) }))[0] ?? "";
  };
  expect(page(2)).toMatch(/<text [^>]*>22s<\/text><text [^>]*>interrupted<\/text>/);
  expect(page(1)).toMatch(/<g class="gap"><text [^>]*>22s<\/text><\/g>/);
});

test("what happened without being measured is hatched, and its effects are there", () => {
  const last = measuredRuns({ at: 28_000, durationMs: 12_000 });
  const [effects = "", answers = ""] = picturesOf(reportHtml(interrupted(20, last)));
  expect(answers).toContain("<title>28s not measured</title>");
  expect(effects.match(/class="bar /g)).toHaveLength(3);
});

test("a pause is called one", () => {
  const records: JournalRecord[] = [
    begin,
    ...check("web1", 2, 3),
    { at: at(6), kind: "end", end: "paused" },
    ...takenUp(6 + hour),
    ...check("web2", 8 + hour, 3),
    { at: at(12 + hour), kind: "end", end: "new" },
  ];
  const report = reportOf(records, null);
  expect(report?.runs.map(({ isPaused, operator }) => [isPaused, operator])).toEqual([
    [true, "ada@laptop"],
    [false, "bob@desk"],
  ]);
  expect(report === null ? "" : reportHtml(report)).toContain("<title>1h paused</title>");
});

test("who takes it up again is told once, with what for; a claim alone is no new run", () => {
  const report = interrupted(20, null);
  const again = reportOf(
    [begin, { at: at(3), kind: "claim", epoch: 2, operator: "ada@laptop" }, ...check("web1", 4, 1)],
    null,
  );
  expect(report.moments.map(({ says }) => says)).toEqual([
    "ada@laptop began",
    "bob@desk took it up again: cutover resume",
    "Done",
  ]);
  expect(again?.runs).toHaveLength(1);
  expect(again?.moments.at(-1)?.says).toBe(
    "ada@laptop took hold of it once more: the answer of a server was missing",
  );
});

test("where nothing was answered no latency is made up", () => {
  const page = reportHtml(interrupted(20, measuredRuns({ durationMs: 24_000, isLost: () => true })));
  const [, , latency = ""] = picturesOf(page);
  expect(latency).toContain(">nothing answered<");
  expect(latency).not.toContain(" ms<");
  expect(page).not.toContain("p99 during");
  expect(page).toContain("<b>19.2 s</b><span>longest gap between two answers</span>");
});

test("what was lost behind an earlier run has its line, what nobody asked for has none", () => {
  const runs = [{ durationMs: 10_000, isLost: (ms: number) => ms === 9500 }, { at: 30_000 }];
  const rows = (measured: Report["measured"]): string[] =>
    [...reportText(interrupted(22, measured), 100).matchAll(/^ {2}(before|during|after)(.*?) {2,}/gm)].map(
      ([, what, more]) => `${what}${more}`,
    );
  expect(rows(measuredRuns(...runs))).toEqual([
    "before",
    "during, from 10:15:02 on",
    "after what was done from 10:15:02 on",
    "during, from 10:15:32 on",
    "after",
  ]);
  const proof = measuredRuns({});
  const nothing = { ...proof.after, sent: 0, answered: 0 };
  expect(rows({ ...proof, after: nothing })).toEqual(["before", "during"]);
  expect(rows({ ...proof, before: nothing, after: nothing })).toEqual(["during"]);
});

test("in text and Markdown has the figures of every run, and what lay between; hours later steps have their second", () => {
  const report = interrupted(3 * hour, bothRuns(3 * hour));
  const text = reportText(report, 100);
  expect(text).toMatch(/^ {2}during, from 10:15:02 on +321 +1 .*\n {2}during, from 13:15:10 on +482 +0 /m);
  expect(text).toMatch(/ {2}Measured in 2 runs\.\n {2}Between the runs: not measured for 3h from 10:15:10 /);
  expect(text).toMatch(/^ {2}\+3h00m10s +done +4\.0s /m);
  const markdown = reportMarkdown(report);
  expect(markdown).toMatch(/^\| during, from 13:15:10 on \| 482 \| 0 \|/m);
  expect(markdown).toContain("Measured in 2 runs. Between the runs: not measured for 3h ");
  expect(markdown).toContain("| +3h00m08s | bob@desk took it up again: cutover resume |");
});
