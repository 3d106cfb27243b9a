import { readFile, readdir } from "node:fs/promises";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../driver.ts";
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
  const { body } = await get(setup, "/state", {}).catch((error: unknown) => {
    throw notRunning(setup, error);
  });
  const [, digest, pid, tree] = /^([0-9a-f]{16}) (\d+) (.*)$/.exec(body) ?? [];
  return { digest: digest ?? null, pid: Number(pid ?? 0), tree: tree ?? "" };
}

/** Problem: TRAFFIC_ASK. */
export async function askServer(setup: Setup, service: string, server: string): Promise<Answer> {
  const path = setup.backends.find((backend) => backend.service === service)?.healthPath ?? "/";
  const { status, release } = await get(setup, path, {
    "x-cutover-service": service,
    "x-cutover-server": server,
  }).catch((error: unknown) => {
    throw notAnswered(setup, server, error);
  });
  return { status, ...(release === undefined ? {} : { release }) };
}

interface Got extends Answer {
  readonly body: string;
}

const timeoutMs = 10_000;

function get(setup: Setup, path: string, headers: Readonly<Record<string, string>>): Promise<Got> {
  const { hostname, port } = new URL(`http://${setup.listen}`);
  return new Promise((resolve, reject) => {
    const asking = request({
      host: hostname.replaceAll(/[[\]]/g, ""),
      port,
      path,
      agent: false,
      timeout: timeoutMs,
      headers: { host: `cutover-${setup.app}`, "user-agent": "cutover-probe", ...headers },
    });
    asking.once("timeout", () => asking.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    asking.once("error", reject);
    asking.once("response", (response) => {
      const release = response.headers["x-cutover-release"];
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          release: typeof release === "string" ? release : undefined,
        }),
      );
    });
    asking.end();
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
