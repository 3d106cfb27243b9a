import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BedSite, RunningBalancer } from "../../contract/traffic/subject.ts";
import { answers, freePort, until } from "../bare.ts";

export function findCaddy(): string | undefined {
  return ["/usr/bin/caddy", "/usr/local/bin/caddy"].find((path) => existsSync(path));
}

export interface RunningCaddy extends RunningBalancer {
  readonly config: string;
}

/** Lines of the site before and after its reverse_proxy, and instead of it. */
export interface SiteLines {
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  readonly proxy?: (to: string) => readonly string[];
}

/** Caddy as Debian runs it, in a directory of its own. */
export async function startCaddy(site: BedSite, lines: SiteLines = {}): Promise<RunningCaddy> {
  const config = join(site.directory, "Caddyfile");
  const log = join(site.directory, "caddy.log");
  const command = `XDG_DATA_HOME=${site.directory} XDG_CONFIG_HOME=${site.directory} ${findCaddy() ?? "caddy"}`;
  writeFileSync(config, configuration(site, await freePort(), lines));
  const start = async (): Promise<() => Promise<void>> => {
    const line = `export HOME=${site.directory}; exec env ${command} run --config ${config} >>${log} 2>&1`;
    const child = spawn("/bin/sh", ["-c", line], { stdio: "ignore" });
    const exited = once(child, "exit");
    await until("caddy answers", () => answers(`http://127.0.0.1:${site.port}/`));
    return async () => {
      child.kill("SIGTERM");
      await exited;
    };
  };
  let stop = await start();
  return {
    config,
    spec: {
      engine: "caddy",
      backends: { web: `:${site.port}` },
      addresses: {},
      options: { command, config, listen: `127.0.0.1:${await freePort()}` },
    },
    unreachable: { command: join(site.directory, "none") },
    async restart() {
      await stop();
      stop = await start();
    },
    configuration: () => Object.assign({}, ...[config, join(site.directory, "cutover/shop")].map(filesOf)),
    loads: () => readFileSync(log, "utf8").split('"uri":"/load"').length - 1,
    stop: () => stop(),
  };
}

/** Path -> content or target of the links that are in force. */
function filesOf(path: string): Record<string, string> {
  if (!existsSync(path) || /\/(routings|to)$/.test(path)) return {};
  if (statSync(path).isFile()) return { [path]: readFileSync(path, "utf8") };
  const names = readdirSync(path).sort();
  const link = names.includes("live") ? { live: readlinkSync(join(path, "live")) } : {};
  const more = names.filter((name) => name !== "live").map((name) => filesOf(join(path, name)));
  return Object.assign({ ...link }, ...more);
}

function usualProxy(to: string): readonly string[] {
  return [
    `reverse_proxy ${to} {`,
    "\tlb_policy round_robin",
    "\tlb_try_duration 2s",
    "\tfail_duration 1s",
    "}",
  ];
}

function configuration(site: BedSite, admin: number, lines: SiteLines): string {
  const to = site.apps.all.map(({ address }) => `${address}:${site.apps.port}`).join(" ");
  const { before = [], after = [], proxy = usualProxy } = lines;
  return `# An operator's file.
{
	admin localhost:${admin}
	auto_https off
}

:${site.port} {
	bind 127.0.0.1
	${[...before, ...proxy(to), ...after].join("\n\t")}
}

http://other.example.com:${site.port} {
	respond "other"
}
`;
}
