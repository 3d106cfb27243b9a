import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectsTo } from "../../../src/fleet/ssh/connects-to.ts";

/** An environment whose ssh is a script with these lines. */
function withSsh(...lines: readonly string[]): Readonly<Record<string, string | undefined>> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-ssh-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "ssh");
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
  return { ...process.env, CUTOVER_SSH: `${file} -F config` };
}

test("the host that the user's ssh config gives for a destination is told", async () => {
  const env = withSsh('echo "user lb"', 'echo "hostname 10.0.0.2"');
  expect(await connectsTo("lb@balancer:2222", env)).toBe("10.0.0.2");
});

test("ssh is asked for that destination, and connects to nothing", async () => {
  expect(
    await connectsTo("lb@balancer:2222", withSsh('echo "hostname $*" | tr " " _ | sed s/_/\\ /')),
  ).toMatch(/^-F_config_.*_-l_lb_-p_2222_-T_-G_--_balancer$/);
});

test("where ssh does not tell, it is the name itself", async () => {
  expect(await connectsTo("lb@balancer", withSsh("exit 255"))).toBe("balancer");
  expect(await connectsTo("lb@[2001:db8::5]:22", { CUTOVER_SSH: "/nonexistent/ssh" })).toBe("2001:db8::5");
});
