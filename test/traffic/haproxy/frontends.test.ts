import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/traffic/haproxy/setup.ts";
import { frontendsOf, hastyFrontends } from "../../../src/traffic/haproxy/frontends.ts";

const polite = "  option idle-close-on-response";

function config(...sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

describe("frontends whose idle connections a reload closes at once", () => {
  test("are those that do not say otherwise themselves", () => {
    const text = config(
      ["global", "  maxconn 10"],
      ["defaults", "  mode http"],
      ["frontend a", "  bind :80"],
      ["frontend b", "  bind :81", polite],
      ["backend c", "  server s 127.0.0.1:1"],
      ["listen d", "  bind :82"],
    );
    expect(hastyFrontends(text)).toEqual(["a", "d"]);
  });

  test("follow the defaults before them, as long as no others come", () => {
    const text = config(
      ["defaults", polite],
      ["frontend a", "  bind :80"],
      ["defaults", "  mode http"],
      ["frontend b", "  bind :81"],
    );
    expect(hastyFrontends(text)).toEqual(["b"]);
  });
});

const backend = { service: "web", name: "be_web", healthPath: "/health" } as unknown as Backend;

/** Of one frontend with these lines. */
function reached(...lines: readonly string[]) {
  return frontendsOf(config(["frontend fe", ...lines], ["backend be_web", "  bind :1"]), [backend]);
}

const web = { service: "web", isTls: false, names: [] };
const leads = "  default_backend be_web";

describe("where clients reach a backend", () => {
  test.each([
    ["bind :80", [{ ...web, port: 80 }]],
    ["bind *:80 # all of them", [{ ...web, port: 80 }]],
    ["bind 0.0.0.0:80", [{ ...web, port: 80 }]],
    ["bind [::]:80 v4v6", [{ ...web, port: 80 }]],
    ["bind :::80", [{ ...web, port: 80 }]],
    ["bind ipv4@10.0.0.1:8080", [{ ...web, port: 8080, address: "10.0.0.1" }]],
    ["bind [2001:db8::5]:80", [{ ...web, port: 80, address: "2001:db8::5" }]],
    [
      "bind 10.0.0.1:443,10.0.0.2:443 ssl crt /etc/x.pem alpn h2,http/1.1",
      [
        { ...web, port: 443, isTls: true, address: "10.0.0.1" },
        { ...web, port: 443, isTls: true, address: "10.0.0.2" },
      ],
    ],
    ["bind unix@/run/web.sock", []],
    ["bind /run/web.sock mode 660", []],
    ["bind :8000-8010", []],
    ["bind ${ADDRESS}:80", []],
    ["bind quic4@:443 ssl crt /etc/x.pem", []],
    ["bind :80 accept-proxy", []],
  ])("%s", (bind, wanted) => {
    expect(reached(`  ${bind}`, leads)).toEqual(wanted);
  });

  test.each([
    [
      "a rule for two names",
      ["use_backend be_web if { hdr(host) -i a.example.com b.example.com }"],
      ["a.example.com", "b.example.com"],
    ],
    [
      "a rule by acl",
      ["acl shop req.hdr(host),lower a.example.com:80", "use_backend be_web if shop"],
      ["a.example.com"],
    ],
    [
      "alternatives",
      [
        "acl shop hdr(Host) -i a.example.com",
        "acl shop ssl_fc_sni -i b.example.com",
        "use_backend be_web if shop or { hdr(host) c.example.com }",
      ],
      ["a.example.com", "b.example.com", "c.example.com"],
    ],
    ["a rule for everybody", ["use_backend be_web"], []],
    [
      "a default beside a rule for a name",
      ["default_backend be_web", "use_backend be_web if { hdr(host) -i a.example.com }"],
      ["a.example.com"],
    ],
  ])("%s tells the names", (_what, lines, names) => {
    expect(reached("  bind :80", ...lines.map((line) => `  ${line}`))).toEqual([{ ...web, port: 80, names }]);
  });

  test.each([
    ["another backend", "default_backend be_other"],
    ["a rule by path", "use_backend be_web if { path_beg /shop }"],
    ["a name and something else", "use_backend be_web if { hdr(host) -i a.example.com } { path_beg /shop }"],
    ["everybody but some", "use_backend be_web unless { hdr(host) -i a.example.com }"],
    ["a part of a name", "use_backend be_web if { hdr_end(host) -i .example.com }"],
    ["names of a file", "use_backend be_web if { hdr(host) -i -f /etc/names }"],
    ["an acl that is not there", "use_backend be_web if shop"],
  ])("%s is not clear enough", (_what, line) => {
    expect(reached("  bind :80", `  ${line}`)).toEqual([]);
  });

  test("a section that listens itself is one, and backends of others are none", () => {
    const text = config(["listen be_web", "  bind :81"], ["listen other", "  bind :82"]);
    expect(frontendsOf(text, [backend])).toEqual([{ ...web, port: 81 }]);
  });
});
