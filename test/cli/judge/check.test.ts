import { expect, test } from "vitest";
import { countOf, runCheck } from "../../../src/cli/judge/check.ts";

test("the exit code is one event; counts on the last line are as many as they say", () => {
  expect(countOf("", true)).toEqual({ total: 1, bad: 0 });
  expect(countOf("all is well\n", false)).toEqual({ total: 1, bad: 1 });
  expect(countOf("orders\n 2 of 150 \n\n", true)).toEqual({ total: 150, bad: 2 });
  expect(countOf("9 of 3", true)).toEqual({ total: 3, bad: 3 });
  expect(countOf("2 of 150", false)).toEqual({ total: 1, bad: 1 });
});

test("a check is told which server of which release it is about", async () => {
  const command = 'test "$CUTOVER_ARM $CUTOVER_HOST $CUTOVER_RELEASE" = "old web2 r1"';
  const tick = await runCheck(
    { command, cwd: "/", env: process.env },
    { canary: { host: "web1", release: "r2" }, control: { host: "web2", release: "r1" }, at: 7 },
  );
  expect(tick).toEqual({
    at: 7,
    signals: { check: { canary: { total: 1, bad: 1 }, control: { total: 1, bad: 0 } } },
  });
});
