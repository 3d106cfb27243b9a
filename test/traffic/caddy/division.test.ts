import { expect, test } from "vitest";
import type { Adapted, Handler, Route } from "../../../src/traffic/caddy/adapted.ts";
import { noticesOfPolicies } from "../../../src/traffic/caddy/division.ts";
import type { Proxy } from "../../../src/traffic/caddy/look.ts";
import type { Backend, Setup } from "../../../src/traffic/caddy/setup.ts";

const backend = { service: "web", site: "shop.example.com" } as Backend;
const setup = {
  listen: "127.0.0.1:7418",
  sites: "/etc/caddy/Caddyfile",
  backends: [backend],
} as unknown as Setup;

function handler(policy: string | undefined, dial = "10.0.0.1:3000"): Handler {
  const load_balancing = policy === undefined ? {} : { selection_policy: { policy } };
  return { handler: "reverse_proxy", upstreams: [{ dial }], load_balancing };
}

/** `written`: the line with the policy in the Caddyfile; absent: it stands elsewhere. */
function told(handlers: readonly Handler[], written?: string, listen = ":443"): readonly string[] {
  const routes: readonly Route[] = [{ handle: [{ handler: "subroute", routes: [{ handle: handlers }] }] }];
  const adapted: Adapted = { apps: { http: { servers: { one: { listen: [listen], routes } } } } };
  const policy = written === undefined ? undefined : { words: written.split(" "), line: 12 };
  const proxies = [{ backend, servers: { h1: "10.0.0.1:3000" }, policy }] as unknown as readonly Proxy[];
  return noticesOfPolicies(setup, { proxies }, adapted).map(({ what }) => what);
}

test("a policy by which clients stick is told with its line, once", () => {
  const what = (by: string): string =>
    `The site "shop.example.com" of Caddy lets clients stick to a server by ${by}, ` +
    "but while a canary has a share of the requests a client meets both releases, and the judge does not check the shares.";
  expect(told([handler("cookie"), handler("cookie")], "lb_policy cookie lb secret")).toEqual([
    what('"lb_policy cookie lb secret" (/etc/caddy/Caddyfile:12)'),
  ]);
  expect(told([handler("ip_hash")])).toEqual([what('"lb_policy ip_hash"')]);
  for (const policy of ["client_ip_hash", "uri_hash", "query", "header"])
    expect(told([handler(policy)])).toEqual([what(`"lb_policy ${policy}"`)]);
});

test("others, other servers' and cutover's own door are none", () => {
  for (const policy of [undefined, "random", "round_robin", "least_conn", "first"])
    expect(told([handler(policy)])).toEqual([]);
  expect(told([handler("ip_hash", "10.0.0.9:3000")])).toEqual([]);
  expect(told([handler("ip_hash")], undefined, "127.0.0.1:7418")).toEqual([]);
});
