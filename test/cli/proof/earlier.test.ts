import { expect, test } from "vitest";
import { changesIn, earlierParts } from "../../../src/cli/proof/earlier.ts";
import type { Effect } from "../../../src/plan/effect.ts";
import type { JournalRecord } from "../../../src/plan/record.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { unmeasuredOf } from "../../../src/proof/parts.ts";
import { measuredRun, morning } from "../../proof/runs.ts";
import { harmfulCanary } from "../report/recorded.ts";
import { journalText } from "./journal.ts";
import { makeScenario, makeService, makeSpec } from "../../simulation/scenario.ts";

const release = "20261121090000";

function done(effect: Effect, from: number, to: number): readonly JournalRecord[] {
  return [
    { at: morning + from, kind: "intent", effect },
    { at: morning + to, kind: "outcome", effect, outcome: { outcome: "done" } },
  ];
}

const stage: Effect = { layer: "release", verb: "stage", host: "web1", release };
const check: Effect = { layer: "process", verb: "check", host: "web1", release, service: "web" };
const begin: JournalRecord = {
  at: morning,
  kind: "begin",
  goal: makeScenario("earlier", { spec: makeSpec([makeService("web")]), hosts: ["web1"] }).goal,
  epoch: 1,
  operator: "ada@laptop",
};

test("of a deployment that was paused while it was measured every change was measured, the first one too", () => {
  const records = [begin, ...done(stage, 20, 100), ...done(check, 200, 1500)];
  const changes = changesIn(records);
  expect(changes).toMatchObject([{ from: morning + 200, to: morning + 1500, run: { from: morning } }]);
  expect(unmeasuredOf(changes, [measuredRun({ at: 600, durationMs: 4000 })])).toBeNull();
  expect(unmeasuredOf(changes, [])).toEqual({ from: morning + 200, to: morning + 1500 });
});

test("the proof of a later run measured nothing of an earlier one", () => {
  const claim: JournalRecord = { at: morning + 9000, kind: "claim", epoch: 2, operator: "bob@desk" };
  const changes = changesIn([begin, ...done(check, 200, 1500), claim, ...done(check, 9200, 9900)]);
  expect(unmeasuredOf(changes, [measuredRun({ at: 9500, durationMs: 4000 })])).toEqual({
    from: morning + 200,
    to: morning + 1500,
  });
});

test("a canary that was paused in a stage is known to have changed something, one that was only staged is not", async () => {
  const isChanged = async (records: readonly JournalRecord[]): Promise<boolean> => {
    const [first] = records;
    if (first?.kind !== "begin") throw new Error("a journal has a beginning");
    const host: Pick<HostEnd, "name" | "readProof" | "readJournal"> = {
      name: first.goal.hosts[0] ?? "",
      readProof: () => Promise.resolve(null),
      readJournal: () => Promise.resolve(journalText(records)),
    };
    return (await earlierParts({ hosts: [host as HostEnd] }, first.goal)).isChanged;
  };
  const reached = harmfulCanary.findIndex(({ kind }) => kind === "stage");
  const paused: JournalRecord = { at: morning + 20_000, kind: "end", end: "paused" };
  expect(await isChanged([...harmfulCanary.slice(0, reached + 1), paused])).toBe(true);
  expect(await isChanged([begin, ...done(stage, 20, 100)])).toBe(false);
});
