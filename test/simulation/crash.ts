import type { Crash } from "../../src/execute/crash.ts";
import { isProblem } from "../../src/problem.ts";
import { type Bench, createBench, type Ended } from "./bench.ts";
import type { Scenario } from "./scenario.ts";

const moments = ["before", "torn", "after"] as const;
const commands = ["resume", "abort"] as const;

export interface CrashCount {
  crashes: number;
  recoveries: number;
}

/**
 * Kills the operator before, in and after each of its journal records (so before and after each effect too), and lets a
 * fresh one resume and, from the same remains, abort; `depth` 2 kills that one in the same way and takes a third.
 */
export async function crashEverywhere(scenario: Scenario, depth: 1 | 2): Promise<CrashCount> {
  const count: CrashCount = { crashes: 0, recoveries: 0 };
  for (let record = 1; ; record += 1) {
    for (const moment of moments) {
      const bench = createBench(scenario);
      const { end } = await bench.deploy({ crash: { record, moment } });
      if (end !== "killed") return count;
      count.crashes += 1;
      await recoverBothWays(bench, depth - 1, count);
    }
  }
}

async function recoverBothWays(remains: Bench, depth: number, count: CrashCount): Promise<void> {
  for (const command of commands) {
    await expectEnd(remains.fork(), command, count);
    if (depth > 0) await crashRecovery(remains, command, count);
  }
}

async function crashRecovery(remains: Bench, command: "resume" | "abort", count: CrashCount): Promise<void> {
  for (let record = 1; ; record += 1) {
    for (const moment of ["torn", "after"] as const) {
      const bench = remains.fork();
      const ended = await recover(bench, command, { record, moment });
      if (ended?.end !== "killed") return;
      count.crashes += 1;
      await recoverBothWays(bench, 0, count);
    }
  }
}

async function expectEnd(bench: Bench, command: "resume" | "abort", count: CrashCount): Promise<void> {
  count.recoveries += 1;
  const ended = await recover(bench, command);
  if (ended === null || ended.end === "old" || (ended.end === "new" && command === "resume")) return;
  throw new Error(`${command} ended ${ended.end}: ${ended.problem?.what}`);
}

/** null: nothing was begun, or it had ended before. */
async function recover(bench: Bench, command: "resume" | "abort", crash?: Crash): Promise<Ended | null> {
  try {
    return await bench.takeOver(command, { crash });
  } catch (error) {
    const code = isProblem(error) ? error.detail.code : "";
    if (code === "JOURNAL_EMPTY" || code === "NOTHING_TO_RESUME") return null;
    throw error;
  }
}
