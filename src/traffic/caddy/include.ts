import type { CohortMatch } from "../../plan/traffic.ts";
import { declareGroups, groupName } from "../links/groups.ts";
import { quote } from "./caddyfile.ts";
import { cohortSource, refuseUnfit } from "./cohort.ts";
import { type Configuration, type Proxy, askFile, digestOf } from "./look.ts";
import type { Setup } from "./setup.ts";

/** The files that Caddy loads; they change with the servers and with the cohort's match, never with weights. */
export interface Files {
  /** Path -> content. */
  readonly contents: Readonly<Record<string, string>>;
  /** What Caddy answers when it has loaded them. */
  readonly digest: string;
}

/** Two digits of a random number that each request has. */
export const buckets: readonly string[] = Array.from({ length: 256 }, (_, i) =>
  i.toString(16).padStart(2, "0"),
);

/** Problem: TRAFFIC_COHORT. */
export function includeFiles(
  setup: Setup,
  { proxies }: Configuration,
  match: CohortMatch | undefined,
): Files {
  if (match !== undefined) refuseUnfit(match);
  const head = [
    `# Written by cutover for the app ${setup.app}; what is changed here is lost.`,
    `# Which servers a request goes to is said by the links in ${setup.directory}/live, which Caddy follows at`,
    `# every request: weights and cohorts change without a reload.`,
  ];
  const files = proxies.map((proxy) => {
    const lines = [...head, ...bucketLines(setup), ...whoLines(setup, match), ...proxyLines(setup, proxy)];
    return [proxy.file, `${lines.join("\n")}\n`] as const;
  });
  const digest = digestOf(files.map(([, content]) => content).join(""));
  const ask = `${[...head, ...askLines(setup, proxies, digest)].join("\n")}\n`;
  return { contents: { ...Object.fromEntries(files), [askFile(setup)]: ask }, digest };
}

function bucketLines({ prefix }: Setup): string[] {
  return [`map {http.request.uuid} {${prefix}_part} {`, "\t~^(..) ${1}", "\tdefault 00", "}"];
}

function whoLines({ prefix }: Setup, match: CohortMatch | undefined): string[] {
  if (match === undefined) return [`map {http.request.method} {${prefix}_who} {`, "\tdefault everyone", "}"];
  return [
    `map ${cohortSource(match)} {${prefix}_who} {`,
    `\t"" everyone`,
    `\t${quote(`~${match.regex}`)} cohort`,
    "\tdefault everyone",
    "}",
  ];
}

/** Before the operator's own reverse_proxy, which answers when no link can be followed. */
function proxyLines(setup: Setup, proxy: Proxy): string[] {
  const { backend, servers, path, lines, prefix } = proxy;
  const groups = declareGroups(Object.keys(servers));
  const names = [...groups, []].map((group) => groupName(backend.prefix, group));
  const chosen = `{http.vars.${prefix}}`;
  const choose = (matcher: string, more: readonly string[]): string[] => [
    `@${matcher} {`,
    ...more.map((line) => `\t${line}`),
    "\tfile {",
    `\t\troot ${setup.directory}/live/${backend.service}/{${setup.prefix}_who}/{${setup.prefix}_part}`,
    `\t\ttry_files ${names.join(" ")}`,
    "\t}",
    "}",
    `vars @${matcher} ${prefix} {http.matchers.file.relative}`,
  ];
  const only = path === undefined ? [] : [`path ${path}`];
  return [
    ...choose(`${prefix}_first`, only),
    // The links may have changed between two looks of the first time.
    ...choose(`${prefix}_again`, [...only, `vars ${chosen} ""`]),
    ...[...groups, []].flatMap((group) => {
      const matcher = `@${groupName(prefix, group)}`;
      const upstreams = group.map((server) => servers[server] ?? "");
      return [
        `${matcher} {`,
        ...only.map((line) => `\t${line}`),
        `\tvars ${chosen} /${groupName(backend.prefix, group)}`,
        "}",
        ...(group.length === 0
          ? [`reverse_proxy ${matcher} {`, "\tlb_policy first", "}"]
          : toLines(matcher, upstreams, lines)),
      ];
    }),
  ];
}

function toLines(matcher: string, upstreams: readonly string[], lines: readonly string[]): string[] {
  const to = `reverse_proxy ${matcher} ${upstreams.join(" ")}`;
  return lines.length === 0 ? [to] : [`${to} {`, ...lines.map((line) => `\t${line}`), "}"];
}

/** For cutover on this machine: what is in force, and one server past all rules. */
function askLines({ app, listen, directory }: Setup, proxies: readonly Proxy[], digest: string): string[] {
  const { hostname, port } = new URL(`http://${listen}`);
  const first = proxies.filter(({ backend }, i) => proxies.findIndex((one) => one.backend === backend) === i);
  const asked = first.flatMap(({ backend, servers, lines }) =>
    Object.entries(servers).flatMap(([server, upstream], i) => {
      const matcher = `@ask_${backend.prefix}_${i}`;
      const own = [...lines, "header_up Host localhost"];
      return [
        `${matcher} {`,
        `\theader X-Cutover-Service ${backend.service}`,
        `\theader X-Cutover-Server ${server}`,
        "}",
        ...toLines(matcher, [upstream], own),
      ];
    }),
  );
  return [
    `http://cutover-${app}:${port} {`,
    ...[
      `bind ${hostname.replaceAll(/[[\]]/g, "")}`,
      "@followed {",
      "\tpath /state",
      "\tfile {",
      `\t\troot ${directory}/live`,
      "\t\ttry_files tree-{http.request.header.x-cutover-tree}",
      "\t}",
      "}",
      `respond @followed "${digest} followed"`,
      `respond /state "${digest} lost"`,
      ...asked,
    ].map((line) => `\t${line}`),
    "}",
  ];
}
