import { describe, expect, it } from "vitest";
import type { JournalRecord } from "../../../src/plan/record.ts";
import { goalOf, stage, sound } from "./releases.ts";
import type { Site } from "./subject.ts";

const id = "1";

function begin(epoch: number): JournalRecord {
  return { at: 1, kind: "begin", goal: goalOf("/nowhere"), epoch, operator: "ada" };
}

function claim(epoch: number): JournalRecord {
  return { at: 3, kind: "claim", epoch, operator: "bob" };
}

const intent: JournalRecord = { at: 2, kind: "intent", effect: stage(sound) };

export function describeJournals(get: () => Site): void {
  describe("the journal", () => {
    it("is read by anybody as it was appended", async () => {
      const ada = await get().operator();
      const journal = ada.journal(id);
      await journal.append(begin(await ada.fleet.raiseEpoch("ada")));
      await journal.append(intent);
      const records = await (await get().operator()).journal(id).read();
      expect(records.map(({ kind }) => kind)).toEqual(["begin", "intent"]);
      expect(records[1]).toEqual(intent);
      expect(await journal.read()).toEqual(records);
    });

    it("takes nothing from an operator who was overtaken", async () => {
      const [ada, bob] = [await get().operator(), await get().operator()];
      const [hers, his] = [ada.journal(id), bob.journal(id)];
      await hers.append(begin(await ada.fleet.raiseEpoch("ada")));
      const epoch = await bob.fleet.raiseEpoch("bob");
      await his.read();
      await his.append(claim(epoch));
      await expect(hers.append(intent)).rejects.toMatchObject({ detail: { code: "LOCK_STALE" } });
      expect((await his.read()).map(({ kind }) => kind)).toEqual(["begin", "claim"]);
    });

    it("drops a last line that a crash has torn, and goes on behind the whole ones", async () => {
      const [ada, bob] = [await get().operator(), await get().operator()];
      const first = ada.journal(id);
      await first.append(begin(await ada.fleet.raiseEpoch("ada")));
      await get().tear(id);
      const journal = bob.journal(id);
      const epoch = await bob.fleet.raiseEpoch("bob");
      expect((await journal.read()).map(({ kind }) => kind)).toEqual(["begin"]);
      await journal.append(claim(epoch));
      const read = await (await get().operator()).journal(id).read();
      expect(read.map(({ kind }) => kind)).toEqual(["begin", "claim"]);
    });
  });
}
