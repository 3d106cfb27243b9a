import { describe, expect, it } from "vitest";
import { fleetDrift, fleetTable } from "../../../src/cli/status/text.ts";
import { instanceOf, statusOf } from "../services/status.ts";
import { balancer, lostHost, release, seenFleet, seenHost } from "./fleet.ts";

const names = ["web1", "web2", "web3", "web4"];
const even = { web1: 100, web2: 100, web3: 100, web4: 100 };

describe("the table of a fleet", () => {
  it("has a line for each server, with its share of the traffic, and fits 80 columns", () => {
    const hosts = [
      seenHost("web1"),
      seenHost("web2", { env: "changed" }),
      seenHost("web3", {}, "20261120093000"),
      lostHost("web4"),
    ];
    const cohort = { match: { header: "User-Agent", regex: "Mobile" }, servers: ["web1"] };
    const weights = { web: { web1: 0, web2: 150, web3: 50, web4: 0 } };
    const fleet = seenFleet(hosts, { balancers: [balancer(weights.web, { routing: { weights, cohort } })] });
    const text = fleetTable(fleet, 80);
    expect(text).toMatchInlineSnapshot(`
      "host  release         env      up   health       traffic  sessions
      web1  20261121101502  same     2/2  healthy      0%+             3
      web2  20261121101502  changed  2/2  healthy      75%             3
      web3  20261120093000  same     2/2  healthy      25%             3
      web4  -               -        -    unreachable  0%              3
      in /srv/shop/releases/20261121101502 · web1, web2
      in /srv/shop/releases/20261120093000 · web3
      + besides: requests whose User-Agent matches Mobile"
    `);
    expect(fleetTable(fleet, 120)).toMatchInlineSnapshot(`
      "host  release         env      up   health       traffic  sessions  directory
      web1  20261121101502  same     2/2  healthy      0%+             3  /srv/shop/releases/20261121101502
      web2  20261121101502  changed  2/2  healthy      75%             3  /srv/shop/releases/20261121101502
      web3  20261120093000  same     2/2  healthy      25%             3  /srv/shop/releases/20261120093000
      web4  -               -        -    unreachable  0%              3  -
      + besides: requests whose User-Agent matches Mobile"
    `);
    for (const line of fleetTable(fleet, 40).split("\n"))
      expect(line.length, line).toBeLessThanOrEqual(line.includes("/srv/") ? 60 : 40);
  });
  it("says of each server whether its instances are healthy", () => {
    const health = (change: Parameters<typeof instanceOf>[1], count = 2): string | undefined => {
      const instances = Array.from({ length: count }, (_, slot) => instanceOf(slot, { release, ...change }));
      const fleet = seenFleet([seenHost("web1", { services: [statusOf(0, "shop", "web", { instances })] })]);
      return fleetTable(fleet, 200).split("\n")[1]?.split(/ {2,}/).slice(3, 5).join(" ");
    };
    expect(health({ state: "open" })).toBe("2/2 healthy");
    expect(health({ state: "open" }, 1)).toBe("1/2 short");
    expect(health({ state: "starting" })).toBe("0/2 starting");
    expect(health({ state: "failed" })).toBe("0/2 failed");
    expect(health({}, 0)).toBe("0/2 down");
    const crashing = statusOf(0, "shop", "web", { state: "crash-looping", instances: [] });
    expect(fleetTable(seenFleet([seenHost("web1", { services: [crashing] })]), 200)).toContain("crashing");
    expect(fleetTable(seenFleet([seenHost("web1", { services: null })]), 200)).toContain("unknown");
  });
});

describe("drift", () => {
  const ok = names.map((name) => seenHost(name));

  it("is nothing where all is as deployed", () => {
    expect(fleetDrift(seenFleet(ok))).toEqual([]);
  });
  it("names the server that lags, is empty, cannot be reached, or has another env file", () => {
    const hosts = [
      seenHost("web1", { env: "changed" }),
      seenHost("web2", {}, "20261120093000"),
      lostHost("web3"),
      seenHost("web4", { services: [] }, null),
    ];
    expect(fleetDrift(seenFleet(hosts))).toEqual([
      `web1: the env file of release ${release} is no longer the one that was deployed`,
      `web2: release 20261120093000 is live, not ${release}`,
      "web3: it cannot be reached: No route to host.",
      "web4: no release is live there",
    ]);
  });
  it("says the same of several servers once", () => {
    const hosts = names.map((name) => seenHost(name, { env: "missing" }));
    expect(fleetDrift(seenFleet(hosts))).toEqual([`all 4 hosts: the env file of release ${release} is gone`]);
  });
  it("finds an instance that stands elsewhere, runs another release, or is missing", () => {
    const instances = [
      instanceOf(0, { release, cwd: `/srv/shop/releases/${release}/backend` }),
      instanceOf(1, { release, cwd: "/srv/shop/releases/20261120093000" }),
    ];
    const elsewhere = statusOf(0, "shop", "web", { instances });
    const old = statusOf(0, "shop", "web", { instances: [instanceOf(0, { release: "20261120093000" })] });
    const hosts = [
      seenHost("web1", { services: [elsewhere] }),
      seenHost("web2", { services: [old, statusOf(1, "shop", "gone", {})] }),
    ];
    expect(fleetDrift(seenFleet(hosts))).toEqual([
      "web1: web instance 1 stands in /srv/shop/releases/20261120093000",
      "web2: web instance 0 runs release 20261120093000",
      "web2: web has 1 of 2 instances taking traffic",
      "web2: gone runs but is not in cutover.yml",
    ]);
  });
  it("compares the balancer with what the last deployment left", () => {
    const weights = { web: { web1: 100, web2: 0, web3: 50 } };
    const cohort = { match: { cookie: "beta", regex: "." }, servers: ["web1"] };
    const servers = [{ service: "web", server: "web1", isUp: false, sessions: null }];
    const changed = balancer({}, { routing: { weights, cohort }, servers });
    expect(fleetDrift(seenFleet(ok, { balancers: [changed] }))).toEqual([
      "lb1 has no server web4 in its backend be_web of web",
      "lb1 sends no requests for web to web2 (cutover restore web2)",
      "lb1 gives web3 the weight 50 for web; the last deployment ended with 100",
      "lb1 still sends cookie beta matching . to web1 alone",
      "lb1 finds web on web1 down",
    ]);
    expect(
      fleetDrift(seenFleet(ok, { balancers: [balancer(even, { reachable: false, why: "Gone." })] })),
    ).toEqual(["lb1 cannot be reached: Gone."]);
  });
  it("does not call a deployment that is under way drift", () => {
    const warm = statusOf(0, "shop", "web", { instances: [instanceOf(0, { release: "20261120093000" })] });
    const hosts = [seenHost("web1", { services: [warm] }), seenHost("web2", {}, "20261120093000")];
    const fleet = seenFleet(hosts, { settled: null, balancers: [balancer({ web1: 5, web2: 95 })] });
    expect(fleetDrift(fleet)).toEqual([]);
  });
});
