import { existsSync } from "node:fs";
import { describe, test } from "vitest";
import { fixturesDirectory } from "../fixtures.ts";
import { playRow } from "./by-hand.ts";
import { rowName, rows } from "./pm2-rows.ts";

describe
  .runIf(existsSync(fixturesDirectory()))
  .concurrent("where PM2 loses requests, cutover loses none", () => {
    for (const [row, pm2] of rows) {
      test(`${rowName(row)} (PM2 lost ${pm2})`, async ({ expect }) => {
        const { proof, exits, printed } = await playRow({ ...row, times: 1 }, 100);
        expect([exits, printed]).toEqual([[0, 0], printed]);
        expect(proof.failures).toEqual([]);
        expect(proof.windows.at(-1)?.versionsAfter).toEqual(["v1"]);
      });
    }
  });
