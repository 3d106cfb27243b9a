import { describe, expect, test } from "vitest";
import type { Adapted, HttpServer, Route } from "../../../src/traffic/caddy/adapted.ts";
import { frontendsOf } from "../../../src/traffic/caddy/frontends.ts";
import type { Proxy } from "../../../src/traffic/caddy/look.ts";
import type { Setup } from "../../../src/traffic/caddy/setup.ts";

const backend = { service: "web", site: "shop.example.com", healthPath: "/health" };
const setup = { listen: "127.0.0.1:7418", backends: [backend] } as unknown as Setup;
const proxies = [
  { backend, servers: { h1: "10.0.0.1:3000", h2: "http://10.0.0.2" } },
] as unknown as readonly Proxy[];

const ours: Route = { handle: [{ handler: "reverse_proxy", upstreams: [{ dial: "10.0.0.2:80" }] }] };
const other: Route = { handle: [{ handler: "reverse_proxy", upstreams: [{ dial: "10.0.0.9:80" }] }] };

function reached(...servers: readonly HttpServer[]) {
  const adapted: Adapted = { apps: { http: { servers: Object.fromEntries(servers.entries()) } } };
  return frontendsOf(setup, proxies, adapted);
}

function site(routes: readonly Route[], ...host: readonly string[]): Route {
  return { ...(host.length === 0 ? {} : { match: [{ host }] }), handle: [{ handler: "subroute", routes }] };
}

const web = { service: "web", isTls: false, names: [] };
const shop = { ...web, names: ["shop.example.com"] };

describe("where clients reach the servers of a service", () => {
  test("a site without a name is for any, at the addresses it is bound to", () => {
    expect(reached({ listen: [":80"], routes: [ours] })).toEqual([{ ...web, port: 80 }]);
    const bound = { listen: ["10.0.0.5:80", "unix//run/web.sock"], routes: [site([ours])] };
    expect(reached(bound)).toEqual([{ ...web, port: 80, address: "10.0.0.5" }]);
  });

  test("a site with a name has a certificate, where Caddy gets one", () => {
    const routes = [site([ours], "shop.example.com")];
    expect(reached({ listen: [":443"], routes })).toEqual([{ ...shop, port: 443, isTls: true }]);
    expect(reached({ listen: [":80"], routes })).toEqual([{ ...shop, port: 80 }]);
    const without = [{ disable: true }, { skip: ["shop.example.com"] }];
    for (const automatic_https of without)
      expect(reached({ listen: [":8080"], routes, automatic_https })).toEqual([{ ...shop, port: 8080 }]);
    const own = {
      listen: [":8443"],
      routes,
      automatic_https: { disable: true },
      tls_connection_policies: [{}],
    };
    expect(reached(own)).toEqual([{ ...shop, port: 8443, isTls: true }]);
  });

  test("every site that leads there is told, and no other", () => {
    const routes = [
      site([other], "other.example.com"),
      site([ours], "shop.example.com"),
      site([ours], "*.example.org"),
      site([{ match: [{ host: ["b.example.net"] }], handle: ours.handle ?? [] }], "*.example.net"),
    ];
    const names = reached({ listen: [":80"], routes }).map((frontend) => frontend.names);
    expect(names).toEqual([["shop.example.com"], ["b.example.net"]]);
  });

  test("the health path is followed, past what looks at more than path and name", () => {
    const at = (path: string, route: Route): Route => ({ ...route, match: [{ path: [path] }] });
    const beta: Route = { ...other, match: [{ header: { beta: ["*"] } } as object] };
    const found = { ...web, port: 80 };
    const lead = (...routes: readonly Route[]) => reached({ listen: [":80"], routes: [site(routes)] });
    expect(lead(at("/api/*", other), beta, ours)).toEqual([found]);
    expect(lead(at("/heal*", ours), other)).toEqual([found]);
    expect(lead(at("/health", other), ours)).toEqual([]);
    expect(lead(at("/*", { handle: [{ handler: "static_response" }] }), ours)).toEqual([]);
    expect(lead({ handle: [{ handler: "rewrite" }] }, ours)).toEqual([]);
    expect(lead({ handle: [{ handler: "headers" }] }, at("/shop/*", ours))).toEqual([]);
  });

  test("cutover's own door is none", () => {
    expect(reached({ listen: ["127.0.0.1:7418"], routes: [ours] })).toEqual([]);
  });
});
