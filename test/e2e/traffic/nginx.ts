import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import type { BedSite, RunningBalancer } from "../../contract/traffic/subject.ts";
import { answers, freePort, until } from "../bare.ts";

export function findNginx(): string | undefined {
  return ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));
}

export interface RunningNginx extends RunningBalancer {
  readonly config: string;
  /** The operator's access log. */
  readonly accessLog: string;
  readonly log: string;
  /** Runs nginx on its configuration with these words behind. */
  run(more: string): string;
}

export interface NginxLines {
  readonly server?: string;
  /** How the servers are chosen. */
  readonly upstream?: string;
  /** Beside proxy_pass. */
  readonly location?: string;
}

/** nginx as Debian runs it, in a directory of its own. */
export async function startNginx(site: BedSite, lines: NginxLines = {}): Promise<RunningNginx> {
  const within = (name: string): string => join(site.directory, name);
  const [config, include, files, log] = ["nginx.conf", "cutover-shop.conf", "cutover", "shop.log"].map(
    within,
  ) as [string, string, string, string];
  const pidFile = within("nginx.pid");
  const command = `${findNginx() ?? "nginx"} -c ${config}`;
  const run = (more: string): string =>
    execFileSync("/bin/sh", ["-c", `${command} ${more} 2>&1`], { encoding: "utf8" });
  writeFileSync(config, configuration(site, lines));
  const start = async (): Promise<void> => {
    run(">/dev/null");
    await until("nginx answers", () => answers(`http://127.0.0.1:${site.port}/`));
  };
  const stop = async (): Promise<void> => {
    const pid = readFileSync(pidFile, "utf8").trim();
    run("-s stop");
    await until("nginx is gone", () => !existsSync(`/proc/${pid}`));
  };
  await start();
  const listen = `127.0.0.1:${await freePort()}`;
  return {
    config,
    accessLog: within("access.log"),
    log,
    run,
    spec: {
      engine: "nginx",
      backends: { web: "be_web" },
      addresses: {},
      options: { command, include, files, log, listen },
    },
    unreachable: { command: within("none") },
    async restart() {
      await stop();
      await start();
    },
    configuration: () => Object.assign({}, ...[config, include, join(files, "shop")].map(filesOf)),
    loads: () => readFileSync(within("error.log"), "utf8").split("signal 1 (SIGHUP) received").length - 1,
    stop,
  };
}

/** Path -> content or target of the links that are in force. */
function filesOf(path: string): Record<string, string> {
  if (!existsSync(path) || /\/(routings|to|counters\.json)$/.test(path)) return {};
  if (statSync(path).isFile()) return { [path]: readFileSync(path, "utf8") };
  const names = readdirSync(path).sort();
  const link = names.includes("live") ? { live: readlinkSync(join(path, "live")) } : {};
  return Object.assign(
    { ...link },
    ...names.filter((name) => name !== "cohort").map((name) => filesOf(join(path, name))),
  );
}

function configuration(site: BedSite, { server = "", location = "", upstream = "" }: NginxLines): string {
  const servers = site.apps.all.map(({ address }) => `server ${address}:${site.apps.port} fail_timeout=1s;`);
  const user = userInfo().uid === 0 ? "user root;" : "";
  return `# An operator's file.
${user}
worker_processes 2;
pid ${site.directory}/nginx.pid;
error_log ${site.directory}/error.log notice;
events { worker_connections 512; }
http {
    access_log ${site.directory}/access.log;
    upstream be_web {
        zone be_web 64k;
        ${upstream}
        ${servers.join("\n        ")}
    }
    upstream be_other { server 127.0.0.1:9; }
    server {
        listen 127.0.0.1:${site.port};
        ${server}
        location / {
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            ${location}
            proxy_pass http://be_web;
        }
    }
}
`;
}
