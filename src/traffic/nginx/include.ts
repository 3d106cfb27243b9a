import { createHash } from "node:crypto";
import type { CohortMatch } from "../../plan/traffic.ts";
import { declareGroups, groupName } from "../links/groups.ts";
import { cohortLines } from "./cohort.ts";
import type { Configuration, Upstream } from "./look.ts";
import type { Backend, Setup } from "./setup.ts";
import { literal, quote } from "./tokens.ts";

/** Files that nginx loads; they change with the servers and with the cohort's match, never with weights. */
export interface Files {
  /** Path -> content. */
  readonly contents: Readonly<Record<string, string>>;
  /** What nginx answers when it has loaded them. */
  readonly digest: string;
}

/** split_clients divides by hundredths. */
export const buckets: readonly string[] = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));

/** An idle connection to a server ends before the server would end it, and soon enough to tell when draining is over. */
const idleMs = 500;

/** Problem: TRAFFIC_COHORT. */
export function includeFiles(
  setup: Setup,
  { upstreams, wiring }: Configuration,
  match: CohortMatch | undefined,
): Files {
  const locations = setup.backends.map((backend) => {
    const kept = wiring.kept[backend.service] ?? [];
    return [backend.location, locationText(setup, backend, kept)] as const;
  });
  const body = [
    `# Written by cutover for the app ${setup.app}; what is changed here is lost.`,
    `# Which group of servers a request goes to is said by the links in ${setup.directory}/live,`,
    `# which nginx follows at every request: weights and cohorts change without a reload.`,
    "",
    ...upstreams.flatMap((upstream) => upstreamLines(upstream)),
    ...splitLines(setup),
    ...cohortLines(match, setup.prefix),
    `log_format ${setup.prefix} '$msec $status $request_time "$upstream_addr" "$upstream_status" "$upstream_response_time"';`,
    "",
  ];
  const text = [...body, ...locations.map(([, location]) => location)].join("\n");
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const include = [...body, ...stateLines(setup, upstreams, digest), ""].join("\n");
  return { contents: { ...Object.fromEntries(locations), [setup.include]: include }, digest };
}

function upstreamLines({ backend, servers, directives, spares }: Upstream): string[] {
  const { prefix, name } = backend;
  const groups = declareGroups(Object.keys(servers));
  return [
    ...groups.flatMap((group) => [
      `upstream ${groupName(backend.prefix, group)} { # ${group.join(" ")}`,
      ...directives.map((words) => `    ${line(words, backend, group)}`),
      ...group.map((server) => `    ${words(servers[server]?.words ?? [])}`),
      ...spares.map((spare) => `    ${words(spare)}`),
      ...(directives.some(([first]) => first === "keepalive") ? [] : [`    keepalive 32;`]),
      `    keepalive_timeout ${idleMs}ms;`,
      `}`,
    ]),
    `upstream ${groupName(backend.prefix, [])} { server 127.0.0.1:9 down; } # nobody`,
    `map $realpath_root $${prefix} {`,
    `    default ${name};`,
    `    "~/to/(?<cutover_group>${[...groups, []].map((group) => groupName(backend.prefix, group)).join("|")})$" $cutover_group;`,
    `}`,
    "",
  ];
}

function line(directive: readonly string[], backend: Backend, group: readonly string[]): string {
  const [first = "", , ...rest] = directive;
  // Shared memory has one owner.
  return words(first === "zone" ? [first, groupName(backend.prefix, group), ...rest] : directive);
}

function words(list: readonly string[]): string {
  return `${list.map((word) => (/^[\w.:=/$[\]-]+$/.test(word) ? word : quote(word))).join(" ")};`;
}

function splitLines({ split, prefix }: Setup): string[] {
  const parts = buckets.slice(0, -1).map((name) => `1% ${name};`);
  return [
    `split_clients ${quote(split)} $${prefix}_part {`,
    ...Array.from({ length: 10 }, (_, row) => `    ${parts.slice(row * 10, row * 10 + 10).join(" ")}`),
    `    * ${buckets.at(-1)};`,
    `}`,
  ];
}

function locationText(
  { directory, app, log, prefix }: Setup,
  backend: Backend,
  kept: readonly (readonly string[])[],
): string {
  const { service } = backend;
  return [
    `# Written by cutover: where the requests to the service ${service} of ${app} go, and the log they are counted in.`,
    `root ${quote(`${directory}/live/${service}/$${prefix}_who/$${prefix}_part`)};`,
    `access_log ${quote(log)} ${prefix};`,
    `if ($${backend.prefix} = ${groupName(backend.prefix, [])}) { return 503; }`,
    ...kept.map(words),
    "",
  ].join("\n");
}

/** For cutover on this machine: what is in force, and one server past all rules. */
function stateLines(setup: Setup, upstreams: readonly Upstream[], digest: string): string[] {
  const { prefix, directory, listen, app } = setup;
  const asked = upstreams.flatMap(({ backend, servers }) =>
    Object.keys(servers).map((server) => {
      const key = quote(`~^${literal(`${backend.service} ${server}`)}$`);
      return `    ${key} ${groupName(backend.prefix, [server])};`;
    }),
  );
  return [
    `map "$http_x_cutover_service $http_x_cutover_server" $${prefix}_asked {`,
    ...asked,
    `}`,
    `server {`,
    `    listen ${listen};`,
    `    server_name cutover-${app};`,
    `    access_log off;`,
    `    location = /state {`,
    `        root ${quote(`${directory}/live`)};`,
    `        return 200 "${digest} $pid $realpath_root";`,
    `    }`,
    `    location / {`,
    `        proxy_set_header Host localhost;`,
    `        proxy_pass http://$${prefix}_asked;`,
    `    }`,
    `}`,
  ];
}
