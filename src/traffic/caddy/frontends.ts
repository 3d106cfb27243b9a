import type { Frontend } from "../../plan/traffic.ts";
import { readBound } from "../bound.ts";
import type { Adapted, HttpServer } from "./adapted.ts";
import { dialed, type Proxy } from "./look.ts";
import { leadsTo } from "./routes.ts";
import type { Setup } from "./setup.ts";

/** Sites that send the health path of a service to its servers. */
export function frontendsOf(
  { listen: own, backends }: Setup,
  proxies: readonly Proxy[],
  adapted: Adapted,
): readonly Frontend[] {
  const { servers = {}, http_port: plainPort = 80 } = adapted.apps?.http ?? {};
  return Object.values(servers)
    .filter(({ listen = [] }) => !listen.includes(own))
    .flatMap((server) =>
      backends.flatMap(({ service, healthPath }) => {
        const ours = proxies.filter(({ backend }) => backend.service === service);
        const dials = new Set(ours.flatMap(({ servers }) => Object.values(servers).map(dialed)));
        if (healthPath === undefined) return [];
        return leadsTo(server.routes ?? [], healthPath.replace(/[?#].*$/, ""), dials).flatMap((names) =>
          listensOf(server, names, plainPort).map((listen) => ({ service, ...listen, names })),
        );
      }),
    );
}

/** Caddy gets a certificate by itself for a site with a name, unless it is told not to or the port is the plain one. */
function listensOf(
  server: HttpServer,
  names: readonly string[],
  plainPort: number,
): readonly Omit<Frontend, "service" | "names">[] {
  const { disable = false, skip = [] } = server.automatic_https ?? {};
  const isNamed = !disable && names.some((name) => !skip.includes(name));
  return (server.listen ?? []).flatMap((text) => {
    const bound = readBound(text);
    if (bound === null) return [];
    const isTls = server.tls_connection_policies !== undefined || (isNamed && bound.port !== plainPort);
    return [{ ...bound, isTls }];
  });
}
