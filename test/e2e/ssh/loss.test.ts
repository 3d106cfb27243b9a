import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../bare.ts";
import { cutoverMain } from "../host.ts";
import { hasSshd, type Sshd, startSshd } from "./sshd.ts";

const operator = fileURLToPath(new URL("./operator.mjs", import.meta.url));

/** The whole promise of a lock that dies with its owner. */
const freeMs = 15_000;

interface Held {
  readonly child: ChildProcess;
  /** What the operator has printed. */
  said(): string;
  /** The operator's ssh client. */
  readonly ssh: number;
  readonly isFree: () => boolean;
}

function childrenOf(pid: number): readonly number[] {
  const list = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)]).stdout.toString();
  return list.split("\n").filter(Boolean).map(Number);
}

describe.skipIf(!hasSshd)("the lock of an app on a server", () => {
  let sshd: Sshd;
  const operators: ChildProcess[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    for (const child of operators) child.kill("SIGKILL");
    await sshd.stop();
  });

  async function hold(app: string): Promise<Held> {
    const path = join(sshd.directory, app);
    const child = spawn(process.execPath, [operator, sshd.name, path], {
      env: sshd.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    operators.push(child);
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
    await until("the operator holds the lock", () => said.includes("held"), 30_000);
    const lock = join(path, ".cutover/deploy.lock");
    const isFree = (): boolean => spawnSync("flock", ["--nonblock", lock, "true"]).status === 0;
    expect(isFree()).toBe(false);
    const [ssh = 0] = childrenOf(child.pid ?? 0);
    return { child, said: () => said, ssh, isFree };
  }

  it.concurrent("is free at once when the operator is killed", async () => {
    const held = await hold("killed");
    held.child.kill("SIGKILL");
    await until("the lock is free", held.isFree, 5000);
  });

  it.concurrent("is free at once when the operator's ssh is killed, and the operator knows", async () => {
    const held = await hold("ssh-killed");
    process.kill(held.ssh, "SIGKILL");
    await until("the lock is free", held.isFree, 5000);
    await until("the operator has noticed", () => held.said().includes("CONNECTION_LOST"), 5000);
  });

  it.concurrent("is free within 15 s when the operator is stopped, who is refused when it goes on", async () => {
    const held = await hold("stopped");
    held.child.kill("SIGSTOP");
    await until("the lock is free", held.isFree, freeMs);
    held.child.kill("SIGCONT");
    await until("the operator has noticed", () => held.said().includes("CONNECTION_LOST"), 5000);
  });

  it.concurrent("is free within 15 s when nothing comes through any more, and the operator knows", async () => {
    const held = await hold("cut");
    process.kill(held.ssh, "SIGSTOP");
    const began = performance.now();
    await until("the lock is free", held.isFree, freeMs);
    const noticed = freeMs - (performance.now() - began);
    await until("the operator has noticed", () => held.said().includes("CONNECTION_LOST"), noticed + 2000);
    process.kill(held.ssh, "SIGKILL");
  });

  it.concurrent("is free within 15 s when nobody reads what the agent has to say", async () => {
    const path = join(sshd.directory, "unread");
    mkdirSync(join(path, ".cutover/journal"), { recursive: true });
    writeFileSync(join(path, ".cutover/journal/20261121000000.ndjson"), "x".repeat(5_000_000));
    const agent = spawn(process.execPath, [cutoverMain, "agent"], {
      env: { ...process.env, CUTOVER_HOME: sshd.home },
      stdio: ["pipe", "pipe", "inherit"],
    });
    operators.push(agent);
    const ask = (id: number, method: string, ...params: readonly unknown[]): void => {
      agent.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    };
    ask(1, "open", { role: "host", name: "alpha", app: "shop", path, access: "write" });
    await new Promise((resolve) => agent.stdout.once("data", resolve));
    agent.stdout.pause();
    ask(2, "0.holdLock", { operator: "me", pid: process.pid, doing: "a test", since: 1 });
    const lock = join(path, ".cutover/deploy.lock");
    const isFree = (): boolean => spawnSync("flock", ["--nonblock", lock, "true"]).status === 0;
    await until("the lock is held", () => readOrNot(join(path, ".cutover/deploy.holder")) !== "");
    for (let id = 3; id < 9; id++) ask(id, "0.readJournal", "20261121000000");
    await until("the lock is free", isFree, freeMs);
    await until("the agent has ended", () => agent.exitCode !== null, 5000);
  });
});

function readOrNot(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
