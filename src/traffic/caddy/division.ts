import type { ProblemDetail } from "../../problem.ts";
import { sharesUnsticky } from "../notices.ts";
import type { Adapted, Handler, Route } from "./adapted.ts";
import { type Configuration, dialed } from "./look.ts";
import type { Setup } from "./setup.ts";

const sticky: ReadonlySet<string> = new Set([
  "ip_hash",
  "client_ip_hash",
  "uri_hash",
  "query",
  "header",
  "cookie",
]);

/** By what Caddy makes of its Caddyfile, which may get a policy from a snippet; the file tells the line. */
export function noticesOfPolicies(
  { listen: own, backends, sites }: Pick<Setup, "listen" | "backends" | "sites">,
  { proxies }: Pick<Configuration, "proxies">,
  adapted: Adapted,
): readonly ProblemDetail[] {
  const servers = Object.values(adapted.apps?.http?.servers ?? {});
  const handlers = servers
    .filter(({ listen = [] }) => !listen.includes(own))
    .flatMap(({ routes = [] }) => proxiesIn(routes));
  return backends.flatMap((backend) => {
    const ours = proxies.filter((proxy) => proxy.backend.service === backend.service);
    const dials = new Set(ours.flatMap(({ servers }) => Object.values(servers).map(dialed)));
    const policies = handlers
      .filter(({ upstreams = [] }) => upstreams.some(({ dial }) => dials.has(dial ?? "")))
      .map((handler) => handler.load_balancing?.selection_policy?.policy ?? "")
      .filter((policy) => sticky.has(policy));
    return [...new Set(policies)].map((policy) => {
      const found = ours.flatMap((proxy) => proxy.policy ?? []).find(({ words }) => words[1] === policy);
      const line = found === undefined ? "" : ` (${sites}:${found.line})`;
      const text = found === undefined ? `lb_policy ${policy}` : found.words.join(" ");
      return sharesUnsticky(
        `The site "${backend.site}" of Caddy lets clients stick to a server by "${text}"${line}`,
        "Show the release to a cohort (rollout.canary.match) instead of a share, where clients must stay at one release.",
      );
    });
  });
}

function proxiesIn(routes: readonly Route[]): readonly Handler[] {
  return routes
    .flatMap(({ handle = [] }) => handle)
    .flatMap((handler) =>
      handler.handler === "reverse_proxy" ? [handler] : proxiesIn(handler.routes ?? []),
    );
}
