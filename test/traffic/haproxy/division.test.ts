import { describe, expect, test } from "vitest";
import { divisionOf, noticeOf } from "../../../src/traffic/haproxy/division.ts";
import type { BackendNow } from "../../../src/traffic/haproxy/look.ts";
import type { Backend } from "../../../src/traffic/haproxy/setup.ts";
import { parseStats } from "../../../src/traffic/haproxy/show.ts";

const path = { config: "/etc/haproxy/haproxy.cfg" };

/** As `show stat` tells it of a backend with two servers. */
function running(algorithm: string, cookies: readonly [string, string] = ["", ""]): BackendNow {
  const rows = cookies.map((cookie, i) => `be_web,web${i + 1},0,0,7,UP,http,${cookie},,0,0,0,`);
  const head = "# pxname,svname,scur,qcur,stot,status,mode,cookie,algo,hrsp_5xx,wretr,wredis,";
  const text = [head, ...rows, `be_web,BACKEND,0,0,7,UP,http,,${algorithm},0,0,0,`].join("\n");
  const servers = [...parseStats(text, "be_web")].map(([name, stats]) => [name, { stats }]);
  const backend = { service: "web", name: "be_web" } as Backend;
  return { backend, servers: Object.fromEntries(servers), maps: null };
}

function config(own: readonly string[], defaults: readonly string[] = []): string {
  return [
    "defaults",
    "  cookie OTHER insert",
    "defaults shop",
    ...defaults.map((line) => `  ${line}`),
    "frontend fe_web",
    "  use-server nobody if TRUE",
    "backend be_web from shop",
    ...own.map((line) => `  ${line}`),
    "  server web1 10.0.0.1:3000",
    "backend be_other",
    "  stick on src",
    "defaults later",
    "  option prefer-last-server",
  ].join("\n");
}

describe("what divides the requests of a backend beside its weights", () => {
  const plain = running("roundrobin");
  const at = (text: string, line: number): string => `"${text}" (/etc/haproxy/haproxy.cfg:${line})`;

  test.each<[string, BackendNow, readonly string[]]>([
    ["nothing", plain, ["balance roundrobin"]],
    ["a table for limits", plain, ["stick-table type ip size 1k"]],
    ["a comment", plain, ["# stick on src"]],
    ["a cookie without values", plain, ["cookie SRV insert"]],
    [
      "lines of cutover's",
      plain,
      ["# cutover: begin be_web", "use-server %[x] if y", "# cutover: end be_web"],
    ],
  ])("%s does not", (_what, now, own) => {
    expect(divisionOf(path, now, config(own))).toBe(null);
  });

  test.each<[string, BackendNow, readonly string[], string]>([
    [
      "an algorithm, the last one",
      running("source"),
      ["balance roundrobin", "balance source"],
      at("balance source", 8),
    ],
    ["a cookie", running("roundrobin", ["w1", ""]), ["cookie SRV insert"], at("cookie SRV insert", 7)],
    ["a table", plain, ["stick on src"], at("stick on src", 7)],
    ["a rule", plain, ["use-server web1 if { path /a }"], at("use-server web1 if { path /a }", 7)],
    ["what is on no line", running("first"), [], '"balance first"'],
  ])("%s does", (_what, now, own, line) => {
    expect(divisionOf(path, now, config(own))?.line).toBe(line);
  });

  test.each<[string, BackendNow, string]>([
    ["balance leastconn", running("leastconn"), "balance leastconn # quick"],
    ["option prefer-last-server", plain, "option prefer-last-server"],
  ])("%s of the defaults that it follows does", (text, now, line) => {
    const named = config([], [line]);
    for (const file of [named, named.replace(" from shop", "")])
      expect(divisionOf(path, now, file)?.line).toBe(at(text, 4));
  });

  test("what runs is told where the file cannot be read", () => {
    expect(divisionOf(path, running("source"), null)?.line).toBe('"balance source"');
    expect(divisionOf(path, running("roundrobin", ["w1", "w2"]), null)?.line).toBe("the servers' cookies");
    expect(divisionOf(path, running("roundrobin"), null)).toBe(null);
  });

  test("is told by backend and line, with what it means for shares", () => {
    const told = (now: BackendNow, ...own: readonly string[]) =>
      noticeOf(now, divisionOf(path, now, config(own))).map(({ what }) => what);
    expect(told(running("source"), "balance source")).toEqual([
      'The backend "be_web" of haproxy lets clients stick to a server by "balance source" (/etc/haproxy/haproxy.cfg:7), ' +
        "so a canary's share of the requests cannot be held exactly and the judge does not check it.",
    ]);
    expect(told(running("leastconn"), "balance leastconn")).toEqual([
      'The backend "be_web" of haproxy goes by more than weights, "balance leastconn" (/etc/haproxy/haproxy.cfg:7), ' +
        "so a canary's share of the requests cannot be held exactly and the judge does not check it.",
    ]);
    expect(told(running("roundrobin"), "balance roundrobin")).toEqual([]);
    const why = (now: BackendNow) => noticeOf(now, divisionOf(path, now, null))[0]?.why;
    expect(why(running("roundrobin", ["w1", "w2"]))).toMatch(/^Whoever was at a server before/);
    expect(why(running("hdr(X-User)"))).toMatch(/^A client has one server/);
    expect(why(running("uri"))).toMatch(/^A page has one server/);
  });
});
