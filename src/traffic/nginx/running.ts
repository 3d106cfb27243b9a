import { readFile, readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../driver.ts";
import { get, type Got } from "../get.ts";
import { notAnswered, notRunning } from "./problems.ts";
import type { Setup } from "./setup.ts";

/** What a worker of the running nginx says of itself. */
export interface Running {
  /** Of the files it has loaded; null: none of this app. */
  readonly digest: string | null;
  readonly pid: number;
  /** Where its `live` leads; empty: it cannot follow it. */
  readonly tree: string;
}

/** Problem: TRAFFIC_UNREACHABLE. */
export async function askState(setup: Setup): Promise<Running> {
  const { body } = await getHere(setup, "/state", {}).catch((error: unknown) => {
    throw notRunning(setup, error);
  });
  const [, digest, pid, tree] = /^([0-9a-f]{16}) (\d+) (.*)$/.exec(body) ?? [];
  return { digest: digest ?? null, pid: Number(pid ?? 0), tree: tree ?? "" };
}

/** Problem: TRAFFIC_ASK. */
export async function askServer(setup: Setup, service: string, server: string): Promise<Answer> {
  const path = setup.backends.find((backend) => backend.service === service)?.healthPath ?? "/";
  const { status, release } = await getHere(setup, path, {
    "x-cutover-service": service,
    "x-cutover-server": server,
  }).catch((error: unknown) => {
    throw notAnswered(setup, server, error);
  });
  return { status, ...(release === undefined ? {} : { release }) };
}

function getHere(setup: Setup, path: string, headers: Readonly<Record<string, string>>): Promise<Got> {
  const { hostname, port } = new URL(`http://${setup.listen}`);
  return get({
    host: hostname.replaceAll(/[[\]]/g, ""),
    port,
    path,
    headers: { host: `cutover-${setup.app}`, "user-agent": "cutover-probe", ...headers },
  });
}

/** The kernel's clock for starts of programs. */
export async function ticksNow(): Promise<number> {
  const [uptime = "0"] = (await readFile("/proc/uptime", "utf8")).split(" ");
  return Math.floor(Number(uptime) * 100);
}

/** True when a worker beside this one takes new connections and was started before. */
async function hasOlder(worker: number, ticks: number): Promise<boolean> {
  const master = (await birthOf(worker))?.parent;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const birth = await birthOf(pid);
    if (birth === null || birth.parent !== master || birth.ticks >= ticks) continue;
    if (await isAccepting(pid)) return true;
  }
  return false;
}

async function birthOf(pid: number): Promise<{ readonly parent: number; readonly ticks: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), ticks: Number(fields[19]) };
}

async function isAccepting(pid: number): Promise<boolean> {
  const title = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return title.startsWith("nginx: worker process") && !title.includes("shutting down");
}

const settleMs = 15_000;

/** True when workers with these files answer and none from before `ticks` takes new connections; false: not in time. */
export async function settle(setup: Setup, digest: string, ticks: number): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  while (performance.now() < deadline) {
    const running = await askState(setup).catch(() => null);
    if (running?.digest === digest && !(await hasOlder(running.pid, ticks))) return true;
    await delay(20);
  }
  return false;
}
