import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { listeningPorts, portHolder } from "../../../src/process/supervisor/port-holder.ts";
import {
  allPids,
  commandLine,
  descendants,
  findByEnvironment,
  isAlive,
  pageBytes,
  realCwd,
  startTime,
  ticksPerSecond,
} from "../../../src/process/supervisor/proc.ts";
import { sampleProcesses } from "../../../src/process/supervisor/sample.ts";
import { listen } from "./listen.ts";
import { until } from "./until.ts";

const started: ChildProcess[] = [];

function start(script: string, env: NodeJS.ProcessEnv = {}, cwd = "/"): { pid: number; child: ChildProcess } {
  const child = spawn("/bin/sh", ["-c", script], {
    detached: true,
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  if (child.pid === undefined) throw new Error("not started");
  return { pid: child.pid, child };
}

afterEach(() => {
  for (const child of started.splice(0)) {
    try {
      for (const pid of sampleProcesses([child.pid ?? NaN]).get(child.pid ?? NaN)?.pids ?? []) {
        process.kill(pid, "SIGKILL");
      }
    } catch {
      // Gone already.
    }
  }
});

function findSleep(seconds: string): number[] {
  return allPids().filter((pid) => commandLine(pid).join(" ") === `sleep ${seconds}`);
}

const burn = `${process.execPath} -e 'const b = Buffer.alloc(64e6, 1); for (;;) b[0]++'`;

describe("proc", () => {
  test("a process is alive under its start time, and not under another, nor as a zombie", async () => {
    const { pid, child } = start("sleep 100");
    const began = startTime(pid);
    if (began === null) throw new Error("no start time");
    expect(isAlive(pid, began)).toBe(true);
    expect(isAlive(pid, began - 1)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(pid, began)).toBe(false);
    expect(startTime(4_194_305)).toBeNull();
  });

  test("a zombie is dead", async () => {
    // The shell becomes a sleep, which never waits for the child of the shell.
    const { pid } = start("true & exec sleep 100");
    await until(() => commandLine(pid)[0] === "sleep");
    await until(() => descendants(pid).length === 1);
    const [zombie = NaN] = descendants(pid);
    await until(() => commandLine(zombie).length === 0);
    expect(startTime(zombie)).not.toBeNull();
    expect(isAlive(zombie, startTime(zombie) ?? 0)).toBe(false);
  });

  test("descendants are found through every generation", async () => {
    const { pid } = start("sh -c 'sh -c \"sleep 101; :\"; :'; :");
    await until(() => descendants(pid).some((child) => commandLine(child)[0] === "sleep"));
    expect(descendants(pid)).toHaveLength(3);
  });

  test("the working directory is the real one, also after a link to it moved or it was removed", () => {
    const directory = mkdtempSync(join(tmpdir(), "cwd-"));
    const { pid } = start("sleep 100", {}, directory);
    expect(realCwd(pid)).toBe(directory);
    rmSync(directory, { recursive: true });
    expect(realCwd(pid)).toBe(`${directory} (deleted)`);
    expect(realCwd(4_194_305)).toBeNull();
  });

  test("processes are found by a whole environment entry", async () => {
    const { pid } = start("sleep 100; :", { CUTOVER_TEST: "needle-7" });
    await until(() => findByEnvironment("CUTOVER_TEST", "needle-7").length === 2);
    expect(findByEnvironment("CUTOVER_TEST", "needle-7")).toContain(pid);
    expect(findByEnvironment("CUTOVER_TEST", "needle")).toEqual([]);
    expect(findByEnvironment("UTOVER_TEST", "needle-7")).toEqual([]);
  });

  test("the kernel's constants are plausible", () => {
    expect([4096, 16384, 65536]).toContain(pageBytes);
    expect(ticksPerSecond).toBe(100);
    expect(allPids()).toContain(process.pid);
  });
});

describe("sampleProcesses", () => {
  test("memory and processor time count the whole tree, not the wrapper", async () => {
    const { pid } = start(`sh -c "${burn.replaceAll('"', '\\"')}; :"; :`);
    const idle = start("sleep 100");
    await until(() => (sampleProcesses([pid]).get(pid)?.memoryBytes ?? 0) > 100e6);
    await until(() => (sampleProcesses([pid]).get(pid)?.cpuTicks ?? 0) > 20);
    const samples = sampleProcesses([pid, idle.pid]);
    expect(samples.get(pid)?.memoryBytes).toBeLessThan(400e6);
    expect(samples.get(pid)?.pids).toHaveLength(3);
    expect(samples.get(idle.pid)?.cpuTicks).toBeLessThan(5);
    expect(samples.get(idle.pid)?.memoryBytes).toBeLessThan(10e6);
  });

  test("members that lost their parent still count to the session of their root", async () => {
    const { pid, child } = start("(sleep 100 & sleep 100 & :); exit 0");
    await once(child, "exit");
    const sample = sampleProcesses([pid]).get(pid);
    expect(sample?.pids).toHaveLength(2);
  });

  test("a process group of its own, as an interactive shell makes one, does not hide a member", async () => {
    const { pid, child } = start(`perl -e 'setpgrp(0, 0); exec "sleep", "123"' & exit 0`);
    await once(child, "exit");
    await until(() => findSleep("123").length === 1);
    expect(sampleProcesses([pid]).get(pid)?.pids).toEqual(findSleep("123"));
  });

  test("a root of which nothing is left has an empty sample", () => {
    expect(sampleProcesses([4_194_305]).get(4_194_305)).toEqual({ memoryBytes: 0, cpuTicks: 0, pids: [] });
  });

  test("ten roots cost less than 20 ms", () => {
    const roots = Array.from({ length: 10 }, () => start("sleep 100").pid);
    sampleProcesses(roots);
    const runs = Array.from({ length: 9 }, () => {
      const begin = performance.now();
      sampleProcesses(roots);
      return performance.now() - begin;
    });
    expect(runs.sort((a, b) => a - b)[0]).toBeLessThan(20);
  });
});

describe("portHolder", () => {
  test("a free port has no holder; a taken one names process, user and command", async () => {
    const server = createServer();
    const port = await listen(server);
    expect(portHolder(port)).toMatchObject({ pid: process.pid, user: userInfo().username });
    expect(portHolder(port)?.command).toContain("node");
    expect(listeningPorts([process.pid])).toContain(port);
    expect(listeningPorts([1])).not.toContain(port);
    server.close();
    await once(server, "close");
    expect(portHolder(port)).toBeNull();
  });

  test("a listener on IPv6 only is found as well", async () => {
    const server = createServer();
    const port = await listen(server, "::1");
    expect(portHolder(port)?.pid).toBe(process.pid);
    server.close();
  });
});
