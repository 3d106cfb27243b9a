import type { Handler, Matchers, Route } from "./adapted.ts";

/** Names of each site that sends requests for `path` to these upstreams; no names: a site for any. */
export function leadsTo(
  routes: readonly Route[],
  path: string,
  dials: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (const route of routes) {
    const end = follow([route], { path, dials, hosts: [] });
    if (end === null) continue;
    const names = end.hosts.filter((host) => /^[a-z\d][a-z\d.-]*$/i.test(host));
    if (end.isOurs && names.length === end.hosts.length) found.push(names);
    if (end.hosts.length === 0) break;
  }
  return found;
}

interface Way {
  readonly path: string;
  readonly dials: ReadonlySet<string>;
  readonly hosts: readonly string[];
}

interface End {
  readonly isOurs: boolean;
  readonly hosts: readonly string[];
}

/** Where a request with nothing special about it comes to its end; null: it passes. */
function follow(routes: readonly Route[], way: Way): End | null {
  for (const { match, handle = [] } of routes) {
    const hosts = match === undefined ? way.hosts : hostsFor(match, way);
    if (hosts === null) continue;
    for (const handler of handle) {
      const end = endOf(handler, { ...way, hosts });
      if (end !== null) return end;
    }
  }
  return null;
}

/** null: the request does not fit, or something else of it would be looked at. */
function hostsFor(match: readonly Matchers[], { path, hosts }: Way): readonly string[] | null {
  const plain = match.filter((set) => Object.keys(set).every((key) => key === "host" || key === "path"));
  const fitting = plain.filter((set) => set.path?.some((pattern) => fits(pattern, path)) ?? true);
  if (fitting.length === 0) return null;
  const own = fitting.flatMap(({ host = [] }) => host);
  return own.length === 0 ? hosts : own;
}

function fits(pattern: string, path: string): boolean {
  const source = pattern.replaceAll(/[^\w*]/g, String.raw`\$&`).replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "i").test(path);
}

const answering: ReadonlySet<string> = new Set(["static_response", "file_server", "error", "rewrite"]);

function endOf({ handler, routes = [], upstreams = [] }: Handler, way: Way): End | null {
  const { hosts, dials } = way;
  if (handler === "subroute") return follow(routes, way);
  if (handler === "reverse_proxy")
    return { isOurs: upstreams.some(({ dial }) => dials.has(dial ?? "")), hosts };
  // Behind a rewritten path nothing is known.
  return answering.has(handler) ? { isOurs: false, hosts } : null;
}
