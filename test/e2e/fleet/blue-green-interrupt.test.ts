import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../bare.ts";
import { missingForBed } from "./bed/missing.ts";

const program = join(import.meta.dirname, "../../../examples/blue-green/run");

describe.skipIf(missingForBed(["nginx", "java", "javac"]).length > 0)("examples/blue-green/run", () => {
  // Ctrl-C reaches all of the process group, a signal by hand the program alone.
  test.each([
    { signal: "SIGINT", to: "group", exit: 130 },
    { signal: "SIGTERM", to: "program", exit: 143 },
  ] as const)(
    "leaves neither machines nor files behind after $signal to the $to",
    async ({ signal, to, exit }) => {
      const directory = mkdtempSync(join(tmpdir(), "cutover-play-"));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const child = spawn(program, [], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, TMPDIR: directory },
      });
      const ended = once(child, "close");
      onTestFinished(() => void child.kill("SIGKILL"));
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      const isDeploying = (): boolean => said.includes("Deploying") || child.exitCode !== null;
      await until("cutover deploys", isDeploying, 90_000);
      expect(child.exitCode, said).toBeNull();
      expect(machinesIn(directory)).not.toEqual([]);
      process.kill((to === "group" ? -1 : 1) * (child.pid ?? 0), signal);
      await ended;
      expect(child.exitCode, said).toBe(exit);
      expect(said).toContain("are gone");
      expect(machinesIn(directory)).toEqual([]);
      expect(readdirSync(directory)).toEqual([]);
    },
    120_000,
  );

  test("says what it needs, and how to get it, before it does anything", async () => {
    const child = spawn("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", program], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    await once(child, "close");
    expect(child.exitCode).toBe(2);
    expect(said).toBe(
      `ROOT_NEEDED  Machines in network namespaces are made by root only.\n  Fix:  sudo ${program}\n  Now:  Nothing was changed.\n`,
    );
  });
});

/** Processes that see a file system with parts of this directory in it. */
function machinesIn(directory: string): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => mountsOf(pid).includes(directory));
}

function mountsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, "utf8");
  } catch {
    return "";
  }
}
