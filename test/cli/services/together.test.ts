import { expect, test } from "vitest";
import { together } from "../../../src/cli/services/together.ts";
import { Problem, exits, isProblem, type Exit } from "../../../src/problem.ts";

const failing = (what: string, exit: Exit): Problem =>
  new Problem({ code: "X", what, exit, evidence: ["last line"] });

async function outcome(problems: readonly (Problem | undefined)[]): Promise<unknown> {
  try {
    await together(problems, async (problem) => {
      if (problem !== undefined) throw problem;
    });
    return undefined;
  } catch (error) {
    return isProblem(error) ? error.detail : error;
  }
}

test("one failure among many is told as it is", async () => {
  expect(await outcome([undefined, failing("a failed", exits.failedOldServes)])).toMatchObject({
    what: "a failed",
    exit: 4,
  });
});

test("several failures become one, with the exit code of the worst and each one's last lines", async () => {
  const all = [
    failing("a failed", exits.failedOldServes),
    failing("b failed", exits.needsAttention),
    undefined,
  ];
  expect(await outcome(all)).toMatchObject({
    code: "SERVICES_FAILED",
    what: "2 of 3 services failed.",
    exit: 5,
    evidence: ["a failed", "  last line", "b failed", "  last line"],
  });
});

test("the others are finished before a failure is told", async () => {
  let finished = false;
  const work = async (item: string): Promise<void> => {
    if (item === "bad") throw failing("bad", exits.failedOldServes);
    await new Promise((resolve) => setImmediate(resolve));
    finished = true;
  };
  await expect(together(["bad", "good"], work)).rejects.toThrow("bad");
  expect(finished).toBe(true);
});
