import { beforeAll, describe, expect, test } from "vitest";
import { whyOf } from "../../../src/cli/history/why.ts";
import { reportHtml } from "../../../src/cli/report/html.ts";
import { reportMarkdown } from "../../../src/cli/report/markdown.ts";
import { type Report, reportOf } from "../../../src/cli/report/report.ts";
import { sayPromoted, stageText } from "../../../src/cli/report/stages.ts";
import { reportText } from "../../../src/cli/report/text.ts";
import { noFacts } from "../../../src/plan/facts.ts";
import type { Judge } from "../../../src/plan/fleet-port.ts";
import type { Finding } from "../../../src/plan/record.ts";
import type { JudgeSpec } from "../../../src/plan/spec.ts";
import { createBench } from "../../simulation/bench.ts";
import { findFleet } from "../../simulation/fleets.ts";
import type { Scenario } from "../../simulation/scenario.ts";

const sound: Finding = { verdict: "sound", why: "It is as good.", evidence: ["errors 0 of 240"] };
const harm: Finding = {
  verdict: "harm",
  why: "It is slower.",
  evidence: ["\u001B[31mslow 8 of 8\u001B[39m"],
};

function judgedScenario(change: Partial<JudgeSpec>, bakeMs: number): Scenario {
  const scenario = findFleet("canary, judged");
  const { goal } = scenario;
  const { canary } = goal.rollout;
  if (canary?.judge === undefined) throw new Error("it has a judge");
  const rollout = { ...goal.rollout, canary: { ...canary, judge: { ...canary.judge, ...change } } };
  return { ...scenario, goal: { ...goal, rollout, spec: { ...goal.spec, bakeMs } } };
}

interface Run {
  readonly judge?: Partial<JudgeSpec>;
  readonly bakeMs?: number;
  /** Where harm is found. */
  readonly harmAt: string;
}

/** The report of a canary that is found sound but for one stage, or for the time after the last. */
async function reportFor({ judge = {}, bakeMs = 5000, harmAt }: Run): Promise<Report> {
  const bench = createBench(judgedScenario(judge, bakeMs));
  const finder: Judge = {
    async watch({ says, kind, least }) {
      if (`${kind}: ${says}`.includes(harmAt)) return harm;
      await bench.clock.sleep(Math.max(1, least - bench.clock.now()));
      return kind === "bake" ? null : sound;
    },
  };
  await bench.deploy({ judge: finder });
  const report = reportOf(bench.disk.records, null);
  if (report === null) throw new Error("the journal has a beginning");
  return report;
}

function told({ moments }: Report): readonly string[] {
  return moments.map(({ says }) => says);
}

describe("a dry run of the judge that finds harm", () => {
  let report: Report;
  beforeAll(async () => {
    report = await reportFor({ judge: { isDryRun: true }, harmAt: "release: 25 % of web" });
  });

  test("says with the verdict that nothing follows, and never that nothing was found", () => {
    const found = "Judge: harm. It is slower. (dry run: nothing follows from it)";
    const stays = "Watched to the end: the new release stays, although the judge found harm (dry run)";
    expect(report.end).toBe("new");
    expect(told(report)).toEqual(expect.arrayContaining([found, stays]));
    expect(report.moments.find(({ says }) => says === stays)?.tone).toBe("plain");
    for (const text of [reportText(report, 100), reportMarkdown(report), reportHtml(report)]) {
      expect(text.replaceAll("\\", "")).toContain(found);
      expect(text.replaceAll("\\", "")).toContain(stays);
      expect(text).not.toContain("without harm");
    }
  });

  test("finds it in the time after the last stage, too", async () => {
    const late = await reportFor({ judge: { isDryRun: true }, harmAt: "bake: " });
    expect(told(late)).toContain(
      "Watched to the end: the new release stays, although the judge found harm (dry run)",
    );
    expect(late.moments.find(({ kind, tone }) => kind === "verdict" && tone === "bad")?.seen).toBe(
      "Seen after everything was switched.",
    );
  });
});

describe("the verdicts of a canary", () => {
  test("are in every form with their stage and all their evidence, where it was promoted", async () => {
    const report = await reportFor({ harmAt: "nowhere" });
    expect(told(report)).toContain("Watched to the end without harm: the new release stays");
    expect(reportText(report, 100)).toMatch(
      /^What the judge saw\n {2}\+\S+ Judge: sound\. It is as good\.\n {4}Seen with .*\n {4}\| errors 0 of 240$/m,
    );
    expect(reportText(report, 100)).toContain("    Seen with 25 % of web to canary a.");
    expect(reportMarkdown(report)).toMatch(
      /^\*\*\+\S+\*\* Judge: sound\. It is as good\. Seen with 25 % of web to canary a\.\n\n```\nerrors 0 of 240\n```$/m,
    );
    expect(reportHtml(report)).toContain(
      '<p class="dim">Seen with 25 % of web to canary a.</p><pre>errors 0 of 240</pre>',
    );
  });

  test("are not told twice where harm turned it back, and in plain characters", async () => {
    const report = await reportFor({ harmAt: "release: 25 % of web" });
    expect(report.end).toBe("old");
    for (const text of [reportText(report, 100), reportMarkdown(report), reportHtml(report)]) {
      expect(text.match(/slow 8 of 8/g)).toHaveLength(1);
      expect(text).not.toContain("\u001B");
    }
  });

  test("say nothing of watching where nobody was to watch", async () => {
    const report = await reportFor({ harmAt: "nowhere", bakeMs: 0 });
    expect(told(report)).toContain("The new release stays");
    expect(told(report).join()).not.toContain("Watched");
  });
});

test("a release that was gone back to is not called new", () => {
  const { goal } = judgedScenario({}, 5000);
  expect(sayPromoted([], { ...goal, kind: "rollback" }).says).toBe(
    "Watched to the end without harm: the release stays",
  );
});

test("what a canary's way back undoes is said to be undone, never reached", async () => {
  const report = await reportFor({ harmAt: "release: 25 % of web" });
  const back = told(report).findIndex((says) => says.startsWith("Turned back: "));
  const [before, after] = [told(report).slice(0, back), told(report).slice(back + 1)];
  expect(before.filter((says) => says.includes("reached"))).not.toHaveLength(0);
  expect(before.join()).not.toContain("undone");
  expect(after.join()).not.toContain("reached");
  expect(after).toContain("Stage 4 (25 % of web to canary a) is undone");
});

test("stages that are undone at once are told at once", async () => {
  const { goal } = findFleet("canary, judged");
  const facts = { ...noFacts(), direction: "back", stage: 3 } as const;
  expect(stageText(goal, facts, 1)).toBe(
    "Stages 2 to 4 (no new requests to canary a; the release on canary a; 25 % of web to canary a) are undone",
  );
  expect(stageText(goal, { ...facts, stage: 9 }, 1)).toBe(
    "Stages 2 to 6 (no new requests to canary a; ...; everything as it was) are undone",
  );
});

describe("in the list of deployments", () => {
  const one = { stage: "25 %", isDryRun: false };

  test("the reason of one that ended well is what the judge said last", () => {
    const verdicts = [
      { ...one, verdict: "harm", why: "It is slower." },
      { ...one, verdict: "sound", why: "It is as good." },
    ] as const;
    expect(whyOf({ end: "new", problem: null, verdicts })).toBe("It is as good.");
  });

  test("one that was promoted by hand is not told to be live because it does harm", () => {
    const verdicts = [{ ...one, verdict: "harm", why: "It is slower." }] as const;
    expect(whyOf({ end: "new", problem: null, verdicts })).toBe(
      "Promoted by hand, although the judge found harm: It is slower.",
    );
    expect(whyOf({ end: null, problem: null, verdicts })).toBe("It is slower.");
  });

  test("harm found by a dry run is told as that, whatever was found later", () => {
    const verdicts = [
      { ...one, isDryRun: true, verdict: "harm", why: "It is slower." },
      { ...one, isDryRun: true, verdict: "sound", why: "It is as good." },
    ] as const;
    expect(whyOf({ end: "new", problem: null, verdicts })).toBe(
      "In a dry run the judge found harm: It is slower.",
    );
  });
});
