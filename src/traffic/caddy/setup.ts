import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { CohortMatch } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";
import type { BackendPort, BalancerSettings } from "../driver.ts";
import { readOptions } from "../options.ts";

/** Where everything of one app is on this balancer, and what it is called. */
export interface Setup {
  readonly app: string;
  /** Command line of caddy, to which adapt and reload are added. */
  readonly command: string;
  /** The Caddyfile that Caddy is started with. */
  readonly config: string;
  /** The file that holds the sites: the Caddyfile, or one that it imports. */
  readonly sites: string;
  readonly files: string;
  readonly directory: string;
  /** Address on the loopback where Caddy tells what is in force and lets a single server be asked. */
  readonly listen: string;
  /** Begins the names of variables and matchers. */
  readonly prefix: string;
  readonly backends: readonly Backend[];
  readonly servers: Readonly<Record<string, readonly string[]>>;
  readonly match: CohortMatch | undefined;
}

export interface Backend extends BackendPort {
  readonly service: string;
  /** Address of the site, as it stands in the Caddyfile. */
  readonly site: string;
  readonly prefix: string;
}

/** Problems: TRAFFIC_OPTION, TRAFFIC_BACKEND_MISSING. */
export function readSetup(settings: BalancerSettings): Setup {
  const { app, spec } = settings;
  const config = spec.options["config"] ?? "/etc/caddy/Caddyfile";
  const options = readOptions("caddy", spec.options, {
    command: "caddy",
    config,
    sites: config,
    files: join(dirname(config), "cutover"),
    listen: "127.0.0.1:7418",
  });
  const unfit = [options.files, options.sites].find((path) => !/^\/[\w@%+=:,./-]+$/.test(path));
  if (unfit !== undefined) throw unfitPath(unfit);
  const backends = Object.entries(settings.services).map(([service, port]): Backend => {
    const site = spec.backends[service];
    if (site === undefined) throw withoutBackend(service);
    return { ...port, service, site, prefix: word(`${app}_${service}`) };
  });
  const servers = Object.entries(settings.servers).map(([server, known]) => {
    const address = spec.addresses[server];
    return [server, address === undefined ? known : [address, ...known]] as const;
  });
  const { cohort: match } = settings;
  const directory = join(options.files, app);
  return {
    ...options,
    app,
    directory,
    prefix: word(app),
    backends,
    servers: Object.fromEntries(servers),
    match,
  };
}

/** Variables and matchers are words of letters, digits and underscores. */
function word(name: string): string {
  const plain = name.replaceAll(/\W/g, "_");
  const isSame = plain === name.replaceAll("-", "_");
  return `cutover_${isSame ? plain : `${plain}_${createHash("sha256").update(name).digest("hex").slice(0, 6)}`}`;
}

function unfitPath(path: string): Problem {
  return new Problem({
    code: "TRAFFIC_OPTION",
    what: `"${path}" is not an absolute path that can stand in a Caddyfile.`,
    fix: "Use letters, digits and . _ - / only.",
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}

function withoutBackend(service: string): Problem {
  return new Problem({
    code: "TRAFFIC_BACKEND_MISSING",
    what: `The config does not say which site of Caddy the service "${service}" has.`,
    fix: `Add its address as it stands in the Caddyfile: traffic: { backends: { ${service}: shop.example.com } }`,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
