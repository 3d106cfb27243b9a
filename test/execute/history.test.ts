import { describe, expect, it } from "vitest";
import { findUnended, newestDamage, readHistory } from "../../src/execute/history.ts";
import { openSharedJournal } from "../../src/execute/shared-journal.ts";
import type { Goal, JournalRecord } from "../../src/plan/record.ts";
import { makeScenario, makeService, makeSpec, newRelease } from "../simulation/scenario.ts";
import { findFleet } from "../simulation/fleets.ts";
import { type MemoryAnchor, memoryAnchors, raiseAll } from "./memory-anchor.ts";

const { goal } = makeScenario("history", { spec: makeSpec([makeService("web")]) });

/** A deployment that begins at its epoch and, if it ends, 28 ms later. */
async function deployed(anchors: readonly MemoryAnchor[], epoch: number, end?: "new"): Promise<void> {
  const { tail } = await readHistory(anchors, 2);
  raiseAll(anchors, epoch);
  const id = String(epoch);
  const journal = openSharedJournal(anchors, { id, seed: tail });
  const begin = { at: epoch, kind: "begin", goal: { ...goal, id }, epoch, operator: "ada" } as const;
  await journal.append(begin);
  const last: JournalRecord | undefined = end && { at: epoch + 28, kind: "end", end };
  if (last !== undefined) await journal.append(last);
}

describe("the history of a fleet", () => {
  it("tells deployments in the order they were begun, and which one waits", async () => {
    const anchors = memoryAnchors();
    await deployed(anchors, 2, "new");
    await deployed(anchors, 10);
    const history = await readHistory(anchors, 20);
    expect(history).toMatchObject({
      deployments: [
        { id: "2", kind: "deploy", release: newRelease, end: "new", durationMs: 28 },
        { id: "10", end: null },
      ],
      damaged: [],
      notes: [],
      isWhole: true,
      goal: { id: "10" },
    });
    expect(findUnended(history)).toMatchObject({ id: "10" });
    expect(await readHistory(anchors, 1)).toMatchObject({ deployments: [{ id: "10" }], isWhole: false });
  });
  it("tells the stage that one is at, and what the judge has found so far", async () => {
    const anchors = memoryAnchors();
    const judged = findFleet("canary, judged").goal;
    raiseAll(anchors, 4);
    const journal = openSharedJournal(anchors, { id: "4" });
    await journal.append({ at: 4, kind: "begin", goal: { ...judged, id: "4" }, epoch: 4, operator: "ada" });
    const finding = { verdict: "sound", why: "As good.", evidence: ["errors"] } as const;
    await journal.append({ at: 5, kind: "verdict", stage: 0, ...finding });
    for (const stage of [0, 1, 2]) await journal.append({ at: 6, kind: "stage", stage });
    expect((await readHistory(anchors, 1)).deployments).toMatchObject([
      {
        stage: "25 % of web to canary a",
        verdicts: [{ stage: "canary a beside the others", verdict: "sound", why: "As good." }],
      },
    ]);
  });
  it("knows from the host that fetched a revision when it was committed, and first from whoever deployed it", async () => {
    const anchors = memoryAnchors();
    const stage = (host: string): JournalRecord & { kind: "outcome" } => ({
      at: 5,
      kind: "outcome",
      effect: { layer: "release", verb: "stage", host, release: newRelease },
      outcome: { outcome: "done", ...(host === "b" ? { committedAt: 1234 } : {}) },
    });
    for (const [i, known] of [{}, { committedAt: 99 }].entries()) {
      const epoch = i + 2;
      raiseAll(anchors, epoch);
      const journal = openSharedJournal(anchors, { id: String(epoch) });
      const mine: Goal = { ...goal, id: String(epoch), ...known };
      await journal.append({ at: 1, kind: "begin", goal: mine, epoch, operator: "ada" });
      for (const host of ["a", "b"]) await journal.append(stage(host));
    }
    const { deployments } = await readHistory(anchors, 5);
    expect(deployments.map(({ committedAt }) => committedAt)).toEqual([1234, 99]);
  });
  it("is whole although each host lacks something of it", async () => {
    const anchors = memoryAnchors();
    anchors[0].fault = "gone";
    await deployed(anchors, 2, "new");
    anchors[0].fault = "none";
    anchors[2].fault = "gone";
    await deployed(anchors, 3, "new");
    anchors[2].fault = "none";
    expect((await readHistory(anchors, 20)).deployments).toMatchObject([
      { id: "2", end: "new" },
      { id: "3", end: "new" },
    ]);
    anchors[1].fault = "gone";
    expect((await readHistory(anchors, 20)).notes).toEqual([]);
  });
  it("says when one between two is missing, and goes on", async () => {
    const anchors = memoryAnchors();
    for (const epoch of [2, 3, 4]) await deployed(anchors, epoch, "new");
    for (const anchor of anchors) anchor.files.delete("3");
    const { deployments, notes } = await readHistory(anchors, 20);
    expect(deployments.map(({ id }) => id)).toEqual(["2", "4"]);
    expect(notes).toEqual([expect.stringContaining("deployment 4 does not continue that of deployment 2")]);
  });
  it("tells one that is damaged everywhere apart and still lists the others", async () => {
    const anchors = memoryAnchors();
    await deployed(anchors, 2, "new");
    await deployed(anchors, 3, "new");
    const damage = (anchor: MemoryAnchor, id: string): void =>
      void anchor.files.set(id, (anchor.files.get(id) ?? "").replace('"kind":"begin"', '"kind":"begun"'));
    damage(anchors[0], "3");
    damage(anchors[1], "3");
    expect((await readHistory(anchors, 20)).damaged).toEqual([]);
    damage(anchors[2], "3");
    const history = await readHistory(anchors, 20);
    expect(history).toMatchObject({
      deployments: [{ id: "2" }],
      damaged: [{ id: "3", problem: { code: "JOURNAL_CORRUPT" } }],
    });
    expect(newestDamage(history)).toMatchObject({ code: "JOURNAL_CORRUPT" });
    await deployed(anchors, 4);
    expect(newestDamage(await readHistory(anchors, 20))).toBeNull();
  });
  it("cannot be told when no host can be asked", async () => {
    const anchors = memoryAnchors();
    for (const anchor of anchors) anchor.fault = "gone";
    await expect(readHistory(anchors, 2)).rejects.toMatchObject({ detail: { code: "JOURNAL_UNREADABLE" } });
  });
});
