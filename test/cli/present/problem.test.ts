import { expect, test } from "vitest";
import type { Output } from "../../../src/cli/output.ts";
import { renderProblem } from "../../../src/cli/present/problem.ts";

function output(isTerminal: boolean): Output {
  return {
    isTerminal,
    columns: () => 80,
    rows: () => 24,
    paint: (_style, text) => text,
    write: () => undefined,
    writeJson: () => undefined,
  };
}

const long = {
  code: "HEALTH_EXIT",
  what: "web-0 ended with code 1 before it was healthy.",
  evidence: Array.from({ length: 50 }, (_, index) => `log line ${index + 1}`),
  fix: "cutover logs web",
  state: "Release 20261120093000 still serves.",
};

test("a problem with 50 log lines fits one screen of a terminal, the last ones shown", () => {
  const lines = renderProblem(long, output(true)).trimEnd().split("\n");
  expect(lines.length).toBeLessThan(24);
  expect(lines[0]).toBe("HEALTH_EXIT  web-0 ended with code 1 before it was healthy.");
  expect(lines.at(-3)).toBe("  | log line 50");
  expect(lines.slice(-2)).toEqual([
    "  Fix:  cutover logs web",
    "  Now:  Release 20261120093000 still serves.",
  ]);
});

test("a pipe gets every line of evidence", () => {
  expect(renderProblem(long, output(false))).toContain("  | log line 1\n");
});

test("what was refused says that nothing was changed", () => {
  const text = renderProblem({ code: "LOCK_HELD", what: "Ann deploys.", exit: 3 }, output(true));
  expect(text).toBe("LOCK_HELD  Ann deploys.\n  Now:  Nothing was changed.\n");
});

test("log lines cannot move the cursor or clear the screen", () => {
  const evidence = ["\u001B[2J\u001B[Hgone\rover\u0007", "a\tb"];
  const text = renderProblem({ ...long, evidence }, output(true));
  expect(text).toContain("  | goneover\n  | a  b\n");
});
