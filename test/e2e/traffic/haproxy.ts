import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, until } from "../bare.ts";
import type { BedSite, RunningBalancer } from "../../contract/traffic/subject.ts";

export function findHaproxy(): string | undefined {
  return ["/usr/sbin/haproxy", "/usr/bin/haproxy"].find((path) => existsSync(path));
}

export interface HaproxyOptions {
  readonly frontend?: readonly string[];
  /** Lines of the backend before its servers. */
  readonly backend?: readonly string[];
  /** Behind the address of each server. */
  readonly server?: string;
  /** The whole line of a server. */
  readonly line?: (name: string, at: string) => string;
  /** Sections at the end. */
  readonly more?: readonly string[];
}

export interface RunningHaproxy extends RunningBalancer {
  /** Ends it at once, as a machine that loses its power, and starts it again. */
  crash(): Promise<void>;
  readonly config: string;
  readonly socket: string;
}

/** haproxy as Debian runs it (master and worker), in a directory of its own. */
export async function startHaproxy(site: BedSite, options: HaproxyOptions = {}): Promise<RunningHaproxy> {
  const command = findHaproxy() ?? "haproxy";
  const config = join(site.directory, "haproxy.cfg");
  const socket = join(site.directory, "admin.sock");
  const pidFile = join(site.directory, "haproxy.pid");
  const log = join(site.directory, "haproxy.log");
  writeFileSync(config, configuration(site, socket, options));
  const start = async (): Promise<(signal: NodeJS.Signals) => Promise<void>> => {
    const child = spawn("/bin/sh", ["-c", `exec ${command} -W -f ${config} -p ${pidFile} 2>>${log}`], {
      stdio: "ignore",
    });
    const exited = once(child, "exit");
    await until("haproxy answers", () => answers(`http://127.0.0.1:${site.port}/`));
    return async (signal) => {
      // A worker outlives a killed master for a moment.
      const workers = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
      child.kill(signal);
      await exited;
      if (signal === "SIGKILL") for (const pid of workers) endProcess(Number(pid));
    };
  };
  let stop = await start();
  return {
    config,
    socket,
    spec: {
      engine: "haproxy",
      backends: { web: "be_web" },
      addresses: {},
      options: {
        socket,
        config,
        check: `${command} -c -f ${config}`,
        reload: `kill -USR2 $(cat ${pidFile})`,
      },
    },
    unreachable: { socket: join(site.directory, "none.sock") },
    async restart() {
      await stop("SIGTERM");
      stop = await start();
    },
    async crash() {
      await stop("SIGKILL");
      stop = await start();
    },
    configuration() {
      const files = join(site.directory, "cutover");
      const names = existsSync(files) ? readdirSync(files).map((name) => join(files, name)) : [];
      return Object.fromEntries([config, ...names].map((path) => [path, readFileSync(path, "utf8")]));
    },
    loads: () => readFileSync(log, "utf8").split("New worker").length - 1,
    stop: () => stop("SIGTERM"),
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went with its master.
  }
}

function configuration(site: BedSite, socket: string, options: HaproxyOptions): string {
  const servers = site.apps.all.map(({ name, address }) => {
    const at = `${address}:${site.apps.port}`;
    return options.line?.(name, at) ?? `server ${name} ${at} ${options.server ?? ""}`;
  });
  return `# An operator's file.
global
  stats socket ${socket} mode 660 level admin
  maxconn 2000

defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  retries 2
  option redispatch 1

frontend web
  bind 127.0.0.1:${site.port}
  ${[...(options.frontend ?? []), "default_backend be_web"].join("\n  ")}

backend be_web
  balance roundrobin
  ${[...(options.backend ?? []), ...servers].join("\n  ")}

backend be_other
  server other 127.0.0.1:9 disabled
${(options.more ?? []).join("\n")}
`;
}
