import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isSystemdHost } from "../../../src/process/startup.ts";
import { cutover } from "../cli/run-cutover.ts";

let directory: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "startup-"));
  const table = join(directory, "table");
  const crontab = `#!/bin/sh
case $1 in
  -l) cat '${table}' 2>/dev/null || { echo 'no crontab for x' >&2; exit 1; };;
  -r) rm '${table}';;
  -) cat >'${table}';;
esac
`;
  writeFileSync(join(directory, "crontab"), crontab);
  chmodSync(join(directory, "crontab"), 0o755);
  env = { CUTOVER_HOME: join(directory, "home"), PATH: `${directory}:/usr/bin:/bin` };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

// Where systemd runs the host its own unit would be written.
describe.skipIf(isSystemdHost())("cutover startup without systemd", () => {
  test("shows the line, asks, writes it; unstartup takes it back", async () => {
    const table = join(directory, "table");
    const unasked = await cutover(["startup"], { env });
    expect(unasked.out).toContain("@reboot CUTOVER_HOME=");
    expect(unasked.exit).toBe(2);
    expect(existsSync(table)).toBe(false);
    expect((await cutover(["startup", "--yes"], { env })).exit).toBe(0);
    expect(readFileSync(table, "utf8")).toMatch(/^@reboot .*dist\/process\/supervisor\/main\.js.*\n$/);
    expect((await cutover(["unstartup"], { env })).exit).toBe(0);
    expect(existsSync(table)).toBe(false);
  });
});
