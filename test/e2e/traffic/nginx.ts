import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import { isProblem } from "../../../src/problem.ts";
import type { CohortMatch } from "../../../src/plan/traffic.ts";
import type { TrafficSpec } from "../../../src/plan/spec.ts";
import { nginx } from "../../../src/traffic/nginx/driver.ts";
import { settingsOf, type BedSite, type RunningBalancer } from "../../contract/traffic/subject.ts";
import { answers, freePort, until } from "../bare.ts";

export function findNginx(): string | undefined {
  return ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));
}

export interface RunningNginx extends RunningBalancer {
  readonly config: string;
  readonly include: string;
  readonly directory: string;
  /** Asked of the first read; wired by hand into the configuration since. */
  readonly lines: readonly string[];
}

/** nginx as Debian runs it, in a directory of its own, with the lines that the driver asks for. */
export async function startNginx(site: BedSite, cohort?: CohortMatch): Promise<RunningNginx> {
  const config = join(site.directory, "nginx.conf");
  const include = join(site.directory, "cutover-shop.conf");
  const directory = join(site.directory, "cutover", "shop");
  const pidFile = join(site.directory, "nginx.pid");
  const command = `${findNginx() ?? "nginx"} -c ${config}`;
  const run = (more: string): string =>
    execFileSync("/bin/sh", ["-c", `${command} ${more} 2>&1`], { encoding: "utf8" });
  const spec: TrafficSpec = {
    engine: "nginx",
    backends: { web: "be_web" },
    addresses: {},
    options: {
      command,
      include,
      files: join(site.directory, "cutover"),
      log: join(site.directory, "shop.log"),
      listen: `127.0.0.1:${await freePort()}`,
    },
  };
  writeFileSync(config, configuration(site, { pidFile, location: "proxy_pass http://be_web;", http: "" }));
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
  const lines = await wire(site, spec, cohort);
  const http = `include ${include};`;
  const location = `include ${join(directory, "web.location")}; proxy_pass http://$cutover_shop_web;`;
  writeFileSync(config, configuration(site, { pidFile, location, http }));
  run("-s reload");
  const errors = join(site.directory, "error.log");
  const loads = (): number => readFileSync(errors, "utf8").split("signal 1 (SIGHUP) received").length - 1;
  await until("nginx has reloaded", () => loads() === 1);
  await stop();
  await start();
  return {
    config,
    include,
    directory,
    lines,
    spec,
    unreachable: { command: join(site.directory, "none") },
    async restart() {
      await stop();
      await start();
    },
    configuration: () => ({ ...filesOf(config), ...filesOf(include), ...filesOf(directory) }),
    loads,
    stop,
  };
}

/** What the driver says is missing. */
async function wire(site: BedSite, spec: TrafficSpec, cohort?: CohortMatch): Promise<readonly string[]> {
  try {
    await nginx.open(settingsOf(site, spec, { cohort })).read();
  } catch (error) {
    if (isProblem(error) && error.detail.code === "TRAFFIC_LINES_MISSING") return error.detail.evidence ?? [];
    throw error;
  }
  throw new Error("an nginx without the lines was taken for one with them");
}

/** Path -> content or target of the links that are in force. */
function filesOf(path: string): Record<string, string> {
  if (/\/(routings|to|counters\.json)$/.test(path)) return {};
  if (statSync(path).isFile()) return { [path]: readFileSync(path, "utf8") };
  const names = readdirSync(path).sort();
  const link = names.includes("live") ? { live: readlinkSync(join(path, "live")) } : {};
  return Object.assign(
    { ...link },
    ...names.filter((name) => name !== "cohort").map((name) => filesOf(join(path, name))),
  );
}

interface Wiring {
  readonly pidFile: string;
  readonly location: string;
  readonly http: string;
}

function configuration(site: BedSite, { pidFile, location, http }: Wiring): string {
  const servers = site.apps.all.map(({ address }) => `server ${address}:${site.apps.port} fail_timeout=1s;`);
  const user = userInfo().uid === 0 ? "user root;" : "";
  return `# An operator's file.
${user}
worker_processes 2;
pid ${pidFile};
error_log ${site.directory}/error.log notice;
events { worker_connections 512; }
http {
    access_log off;
    upstream be_web {
        zone be_web 64k;
        ${servers.join("\n        ")}
    }
    upstream be_other { server 127.0.0.1:9; }
    ${http}
    server {
        listen 127.0.0.1:${site.port};
        location / {
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            ${location}
        }
    }
}
`;
}
