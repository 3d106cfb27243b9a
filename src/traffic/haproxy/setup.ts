import { dirname, join } from "node:path";
import { Problem, exits } from "../../problem.ts";
import type { BackendPort, BalancerSettings } from "../driver.ts";
import { readOptions } from "../options.ts";

/** Where everything of one app is on this balancer. */
export interface Setup {
  readonly socket: string;
  /** The file of the configuration that holds the backends. */
  readonly config: string;
  /** Directory of what haproxy reads at its start. */
  readonly files: string;
  /** Command lines: test of the configuration, reload. */
  readonly check: string;
  readonly reload: string;
  readonly backends: readonly Backend[];
  /** Server -> names and addresses, the most telling first. */
  readonly servers: Readonly<Record<string, readonly string[]>>;
}

export interface Backend extends BackendPort {
  readonly service: string;
  readonly name: string;
  readonly files: BackendFiles;
  /** Unix socket of the private frontend. */
  readonly ask: string;
}

/**
 * `value`, `match` and `servers` are maps: where the cohort's header or cookie is, what it must match, who answers it.
 * `emptied`: cookies of servers without traffic, for backends that stick to a server by cookie.
 */
interface BackendFiles {
  readonly state: string;
  readonly value: string;
  readonly match: string;
  readonly servers: string;
  readonly emptied: string;
}

/** Problems: TRAFFIC_OPTION, TRAFFIC_BACKEND_MISSING. */
export function readSetup(settings: BalancerSettings): Setup {
  const { spec } = settings;
  const given = spec.options;
  const config = given["config"] ?? "/etc/haproxy/haproxy.cfg";
  const options = readOptions("haproxy", given, {
    socket: "/run/haproxy/admin.sock",
    config,
    files: join(dirname(config), "cutover"),
    check: `haproxy -c -f ${config}`,
    reload: "systemctl reload haproxy",
  });
  const paths = [options.socket, options.config, options.files];
  const unfit = paths.find((path) => !/^\/[\w@%+=:,./-]+$/.test(path));
  if (unfit !== undefined) throw unfitPath(unfit);
  const backends = Object.entries(settings.services).map(([service, port]): Backend => {
    const name = spec.backends[service];
    if (name === undefined) throw withoutBackend(service);
    if (!/^[\w.:-]+$/.test(name)) throw unfitPath(name);
    const base = join(options.files, name);
    return {
      ...port,
      service,
      name,
      files: {
        state: `${base}.state`,
        value: `${base}.value.map`,
        match: `${base}.match.map`,
        servers: `${base}.servers.map`,
        emptied: `${base}.emptied.map`,
      },
      ask: join(dirname(options.socket), `cutover-${name}.sock`),
    };
  });
  const servers = Object.entries(settings.servers).map(([server, known]) => {
    const address = spec.addresses[server];
    return [server, address === undefined ? known : [address, ...known]] as const;
  });
  return { ...options, backends, servers: Object.fromEntries(servers) };
}

function unfitPath(text: string): Problem {
  return new Problem({
    code: "TRAFFIC_OPTION",
    what: `"${text}" is not an absolute path or a name that can stand in haproxy's configuration.`,
    fix: "Use letters, digits and . _ - / only.",
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}

function withoutBackend(service: string): Problem {
  return new Problem({
    code: "TRAFFIC_BACKEND_MISSING",
    what: `The config does not say which backend of haproxy the service "${service}" has.`,
    fix: `Add it: traffic: { backends: { ${service}: NAME } }`,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
