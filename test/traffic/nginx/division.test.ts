import { describe, expect, test } from "vitest";
import { dividedBy, methodOf, noticeOf } from "../../../src/traffic/nginx/division.ts";
import { readDump } from "../../../src/traffic/nginx/dump.ts";
import type { Backend } from "../../../src/traffic/nginx/setup.ts";

const drawn = { split: "$request_id" };
const backend = { service: "web", name: "be_web" } as Backend;

/** Of an upstream in a file of its own, as `nginx -T` prints both. */
function method(line: string) {
  const main = `user www;\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n`;
  const own = `# Two servers.\nupstream be_web {\n    zone "be\nweb" 64k;\n    ${line}\n    server 10.0.0.1:3000;\n}\n`;
  const dump = readDump(
    `# configuration file /etc/nginx/nginx.conf:\n${main}\n# configuration file /etc/nginx/conf.d/shop.conf:\n${own}\n`,
    [],
  );
  const upstream = dump.directives.find(({ words: [name] }) => name === "http")?.block?.[0];
  return methodOf(upstream?.block ?? []);
}

describe("what divides the requests of an upstream beside its weights", () => {
  test.each([
    ["", undefined],
    ["keepalive 16;", undefined],
    ["random;", undefined],
    ["ip_hash;", { line: '"ip_hash" (/etc/nginx/conf.d/shop.conf:5)', isSticky: true }],
    [
      "hash $cookie_session consistent;",
      { line: '"hash $cookie_session consistent" (/etc/nginx/conf.d/shop.conf:5)', isSticky: true },
    ],
    [
      "sticky cookie srv_id expires=1h;",
      { line: '"sticky cookie srv_id expires=1h" (/etc/nginx/conf.d/shop.conf:5)', isSticky: true },
    ],
    ["least_conn;", { line: '"least_conn" (/etc/nginx/conf.d/shop.conf:5)', isSticky: false }],
    [
      "random two least_conn;",
      { line: '"random two least_conn" (/etc/nginx/conf.d/shop.conf:5)', isSticky: false },
    ],
  ])("%s", (line, found) => {
    const chosen = method(line);
    expect(chosen).toEqual(found);
    expect(dividedBy(drawn, { method: chosen })).toBe(found?.line);
  });

  test("a share that is drawn for each request lets no client stay, and one of clients is not exact", () => {
    const told = (split: string, line: string) =>
      noticeOf({ split }, { backend, method: method(line) }).map(({ code, what }) => [code, what]);
    expect(told("$request_id", "ip_hash;")).toEqual([
      [
        "TRAFFIC_SHARES_UNSTICKY",
        'The upstream "be_web" of nginx lets clients stick to a server by "ip_hash" (/etc/nginx/conf.d/shop.conf:5), ' +
          "but while a canary has a share of the requests a client meets both releases, and the judge does not check the shares.",
      ],
    ]);
    for (const line of ["ip_hash;", ""])
      expect(told("$remote_addr", line)).toEqual([
        [
          "TRAFFIC_SHARES_INEXACT",
          'The upstream "be_web" of nginx is divided by "$remote_addr" (traffic.options.split), ' +
            "so a canary's share of the requests cannot be held exactly and the judge does not check it.",
        ],
      ]);
    expect(dividedBy({ split: "$remote_addr" }, {})).toBe('"$remote_addr" (traffic.options.split)');
    expect(told("${request_id}", "least_conn;")).toEqual([]);
    expect(told("$request_id", "")).toEqual([]);
  });
});
