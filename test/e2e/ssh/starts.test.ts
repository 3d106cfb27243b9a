import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import { problemOf } from "./sshd.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cutover-starts-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("at most ten connections are started at once, to however many servers", async () => {
  const [ssh, log] = [join(directory, "ssh"), join(directory, "log")];
  const refusing = "echo 'Permission denied (publickey).' >&2; exit 255";
  writeFileSync(ssh, `#!/bin/sh\necho + >>${log}; sleep 0.3; echo - >>${log}; ${refusing}\n`, {
    mode: 0o755,
  });
  const env = { ...process.env, CUTOVER_SSH: ssh, CUTOVER_HOME: join(directory, "home") };
  const servers = Array.from({ length: 24 }, (_, index) => `web${index}`);
  const problems = await Promise.all(servers.map((server) => problemOf(connectServer(server, { env }))));
  expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["SSH_DENIED"]));
  let present = 0;
  const counts = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((sign) => (present += sign === "+" ? 1 : -1));
  expect(counts).toHaveLength(48);
  expect(Math.max(...counts)).toBeLessThanOrEqual(10);
  expect(Math.max(...counts)).toBeGreaterThan(5);
});
