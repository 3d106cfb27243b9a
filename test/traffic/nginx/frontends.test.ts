import { describe, expect, test } from "vitest";
import { frontendsOf } from "../../../src/traffic/nginx/frontends.ts";
import type { Backend } from "../../../src/traffic/nginx/setup.ts";
import { parseFile } from "../../../src/traffic/nginx/tokens.ts";

const backend = {
  service: "web",
  name: "be_web",
  prefix: "cutover_shop_web",
  healthPath: "/health?deep=1",
} as unknown as Backend;
const ours = "location / { proxy_pass http://be_web; }";

function reached(...servers: readonly string[]) {
  const text = `http { upstream be_web { server h1:1; } ${servers.map((server) => `server { ${server} }`).join("\n")} }`;
  return frontendsOf(parseFile(text), [backend]);
}

const web = { service: "web", isTls: false, names: [] };

describe("where clients reach an upstream", () => {
  test.each([
    ["", [{ ...web, port: 80 }]],
    ["listen 8080;", [{ ...web, port: 8080 }]],
    ["listen *:8080; listen [::]:8080;", [{ ...web, port: 8080 }]],
    ["listen 10.0.0.1;", [{ ...web, port: 80, address: "10.0.0.1" }]],
    ["listen [::1]:81;", [{ ...web, port: 81, address: "::1" }]],
    ["listen 443 ssl http2;", [{ ...web, port: 443, isTls: true }]],
    ["listen unix:/run/web.sock;", []],
    ["listen 80 proxy_protocol;", []],
    ["listen 443 quic;", []],
    [
      "listen 80; server_name a.example.com .b.example.com *.c.example.com ~^d _;",
      [{ ...web, port: 80, names: ["a.example.com", "b.example.com"] }],
    ],
  ])("%s", (lines, wanted) => {
    expect(reached(`${lines} ${ours}`)).toEqual(wanted);
  });

  test("without a name it is the one for all others, or none", () => {
    const named = `listen 80; server_name other.example.com; location / { return 404; }`;
    expect(reached(named, `listen 80; ${ours}`)).toEqual([]);
    expect(reached(named, `listen 80 default_server; ${ours}`)).toEqual([{ ...web, port: 80 }]);
    expect(reached(named, `listen 81; ${ours}`)).toEqual([{ ...web, port: 81 }]);
  });

  test.each([
    ["location = /health { proxy_pass http://be_web; } location / { return 404; }"],
    ["location /heal { proxy_pass http://be_web/; } location / { proxy_pass http://be_other; }"],
    [`location ~* ^/HEALTH$ { proxy_pass http://be_web; } location /health { return 200; }`],
    ["location ^~ /health { proxy_pass http://be_web; } location ~ health { return 200; }"],
    ["location / { location /health { proxy_pass http://$cutover_shop_web; } }"],
  ])("the health path is found as nginx finds it: %s", (lines) => {
    expect(reached(lines)).toEqual([{ ...web, port: 80 }]);
  });

  test.each([
    [`return 301 https://a.example.com; ${ours}`],
    ["location /shop { proxy_pass http://be_web; }"],
    [`${ours} location /health { return 200; }`],
    [`${ours} location = /health { proxy_pass http://be_other; }`],
    [`${ours} location ~ ^/he { proxy_pass http://be_other; }`],
    ["location / { proxy_pass http://be_webs; }"],
  ])("a path that goes elsewhere tells nothing: %s", (lines) => {
    expect(reached(lines)).toEqual([]);
  });
});
