import { expect } from "vitest";
import type { FleetShop } from "./fleet-shop.ts";

const moments = ["before", "torn", "after"] as const;
type Moment = (typeof moments)[number];

let versions = 0;

/** Kills the operator of a new deployment at one record, then sends another one to `way`. False: it ended before that record. */
export async function crashAt(
  shop: FleetShop,
  record: number,
  way: "resume" | "abort",
  moment: Moment = moments[record % moments.length] ?? "after",
): Promise<boolean> {
  const [before = ""] = await shop.versions();
  const next = `v${++versions}`;
  await shop.write({ VERSION: next });
  const ran = await shop.program.run(["deploy", "--yes"], { CUTOVER_CRASH_AT: `${record}:${moment}` });
  if (ran.exit === 0) return false;
  expect(ran.exit, ran.stdout + ran.stderr).toBe(128);
  const out = await shop.program.run([way, "--yes"]);
  const said = `${record}:${moment} ${way}: ${out.stdout}${out.stderr}`;
  // A deployment of which nothing was written never began.
  const isUnwritten = record === 1 && moment !== "after";
  expect(out.exit, said).toBe(isUnwritten ? 3 : 0);
  await expectOneRelease(shop, isUnwritten || way === "abort" ? [before, next] : [next], said);
  return true;
}

/** One deployment whose every operator is killed soon after the intents it begins with; answers how many it took. */
export async function crashInARow(shop: FleetShop): Promise<number> {
  const next = `v${++versions}`;
  await shop.write({ VERSION: next });
  const dying = ["8:after", "9:torn", "9:before"] as const;
  for (let life = 0; life < 200; life += 1) {
    const words = life === 0 ? ["deploy", "--yes"] : ["resume", "--yes"];
    const ran = await shop.program.run(words, { CUTOVER_CRASH_AT: dying[life % dying.length] ?? "2:after" });
    if (ran.exit === 128) continue;
    const said = `operator ${life + 1}: ${ran.stdout}${ran.stderr}`;
    expect(ran.exit, said).toBe(0);
    await expectOneRelease(shop, [next], said);
    return life + 1;
  }
  throw new Error("the deployment never came to its end");
}

/** All hosts answer with the same release, and so does the balancer. */
async function expectOneRelease(shop: FleetShop, allowed: readonly string[], said: string): Promise<void> {
  const [first = "", ...others] = await shop.versions();
  expect(allowed, said).toContain(first);
  expect(others, said).toEqual(others.map(() => first));
  expect(await shop.version(), said).toBe(first);
}
