import { join } from "node:path";
import type { BackendPort, BalancerSettings } from "../driver.ts";
import type { CohortMatch } from "../../plan/traffic.ts";
import { shortDigest } from "../links/groups.ts";
import { readOptions } from "../options.ts";

/** Where everything of one app is on this balancer, and what it is called. */
export interface Setup {
  readonly app: string;
  /** Command line of nginx, to which -T, -t and -s reload are added. */
  readonly command: string;
  readonly reload: string;
  /** The file of the http level that is cutover's. */
  readonly include: string;
  /** Holds a directory for each app. */
  readonly files: string;
  readonly directory: string;
  readonly log: string;
  /** Address on the loopback where nginx tells its state and lets a single server be asked. */
  readonly listen: string;
  /** What decides about the share a request belongs to. */
  readonly split: string;
  /** Begins the names of variables and upstreams. */
  readonly prefix: string;
  readonly backends: readonly Backend[];
  readonly servers: Readonly<Record<string, readonly string[]>>;
  readonly match: CohortMatch | undefined;
}

export interface Backend extends BackendPort {
  readonly service: string;
  /** The upstream in the operator's configuration. */
  readonly name: string;
  /** Of variables and upstreams of this service. */
  readonly prefix: string;
  /** What a location of the operator's includes. */
  readonly location: string;
}

/** Problem: TRAFFIC_OPTION. */
export function readSetup(settings: BalancerSettings): Setup {
  const { app, spec, services } = settings;
  const options = readOptions("nginx", spec.options, {
    command: "nginx",
    reload: "",
    include: `/etc/nginx/conf.d/cutover-${app}.conf`,
    files: "/etc/nginx/cutover",
    log: `/var/log/nginx/cutover-${app}.log`,
    listen: "127.0.0.1:7417",
    split: "$request_id",
  });
  const { command, include, files, log, listen, split } = options;
  const directory = join(files, app);
  const backends = Object.entries(spec.backends).map(([service, name]) => ({
    service,
    name,
    prefix: word(`${app}_${service}`),
    location: join(directory, `${service}.location`),
    port: services[service]?.port ?? 80,
    healthPath: services[service]?.healthPath,
  }));
  return {
    app,
    command,
    reload: options.reload === "" ? `${command} -s reload` : options.reload,
    include,
    files,
    directory,
    log,
    listen,
    split,
    prefix: word(app),
    backends,
    servers: settings.servers,
    match: settings.cohort,
  };
}

const longest = 30;

/** nginx has a limit on names of variables, and knows letters, digits and the underscore in them. */
function word(name: string): string {
  const plain = name.replaceAll(/\W/g, "_");
  const isSame = plain === name.replaceAll("-", "_") && plain.length <= longest;
  return `cutover_${isSame ? plain : `${plain.slice(0, longest - 7)}_${shortDigest(name)}`}`;
}
