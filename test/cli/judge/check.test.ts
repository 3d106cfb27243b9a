import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { countOf, openChecks, runCheck } from "../../../src/cli/judge/check.ts";

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
    { command, cwd: "/", env: process.env, timeoutMs: 20_000 },
    { canary: { host: "web1", release: "r2" }, control: { host: "web2", release: "r1" } },
  );
  expect(tick).toEqual({
    at: expect.any(Number),
    signals: { check: { canary: { total: 1, bad: 1 }, control: { total: 1, bad: 0 } } },
  });
});

test.each(["runs out of time", "is stopped", "is left by a program that ends"])(
  "a check that %s ends with all that it began",
  async (how) => {
    const directory = mkdtempSync(join(tmpdir(), "cutover-check-"));
    const file = join(directory, "pid");
    const isOutOfTime = how === "runs out of time";
    const checks = openChecks({
      command: `sleep 300 & echo $! > ${file}; wait`,
      cwd: "/",
      env: process.env,
      timeoutMs: isOutOfTime ? 1500 : 20_000,
    });
    const others = process.listeners("exit");
    checks.begin({ canary: { host: "web1", release: "r2" }, control: undefined }, 20_000);
    const [atExit] = process.listeners("exit").filter((one) => !others.includes(one));
    const pid = await vi.waitFor(() => {
      const text = readFileSync(file, "utf8").trim();
      expect(text).not.toBe("");
      return Number(text);
    });
    expect(isRunning(pid)).toBe(true);
    if (how === "is stopped") checks.stop();
    else if (!isOutOfTime) atExit?.(0);
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000 });
    if (isOutOfTime)
      await vi.waitFor(() =>
        expect(checks.take()).toMatchObject([{ signals: { check: { canary: { total: 1, bad: 1 } } } }]),
      );
    else if (how === "is stopped") expect(checks.take()).toEqual([]);
    await vi.waitFor(() => expect(process.listeners("exit")).toEqual(others));
    rmSync(directory, { recursive: true });
  },
);

/** A dead one whose parent has not looked yet is not running. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
