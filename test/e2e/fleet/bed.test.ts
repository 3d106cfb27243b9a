import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bed, hostNames, openBed } from "./bed/bed.ts";
import { missingForBed } from "./bed/missing.ts";

const missing = missingForBed(["haproxy", "nginx"]);

describe.skipIf(missing.length > 0)("a bed of network namespaces", () => {
  let bed: Bed;
  const backends = [{ service: "web", publicPort: 80, port: 3000, healthPath: "/health" }];

  beforeAll(async () => {
    bed = await openBed({ hosts: hostNames(2), balancer: "haproxy", backends });
  });
  afterAll(() => bed.close());

  test("the operator reaches every host by name over ssh, as a user who is not root", async () => {
    for (const host of bed.hosts) {
      const ran = await bed.operator.run([
        "ssh",
        "-o",
        "BatchMode=yes",
        `deploy@${host.name}`,
        "hostname; whoami; pwd; ls /srv",
      ]);
      expect(ran).toMatchObject({ exit: 0, stdout: `${host.name}\ndeploy\n/home/deploy\n` });
    }
  });

  test("the balancer runs and its servers are known to be down", async () => {
    const ran = await bed.operator.run(["ssh", "root@lb1", "hostname; ls /run/haproxy"]);
    expect(ran.stdout).toBe("lb1\nadmin.sock\nmaster.sock\n");
  });

  test("nothing outside of the bed is reachable, and the host cannot write outside of its own files", async () => {
    const [host] = bed.hosts;
    const out = await host?.run(["bash", "-c", "echo >/dev/tcp/192.0.2.2/22"]);
    expect(out?.stderr).toContain("unreachable");
    const written = await host?.run(["touch", "/usr/bed", "/work/bed", "/bed"]);
    expect(written?.exit).toBe(1);
  });

  test("accounts that this machine gets meanwhile change nothing in it", async () => {
    const user = `co-bed-${process.pid}`;
    execFileSync("useradd", ["-M", user]);
    try {
      const ran = await bed.operator.run(["ssh", "-o", "BatchMode=yes", "deploy@h1", "whoami"]);
      expect(ran).toMatchObject({ exit: 0, stdout: "deploy\n" });
    } finally {
      execFileSync("userdel", [user]);
    }
  });

  test("a cable is pulled and put back", async () => {
    const [host] = bed.hosts;
    if (host === undefined) throw new Error("two hosts");
    const ssh = ["ssh", "-o", "ConnectTimeout=1", "deploy@h1", "true"];
    await bed.network.cut(host);
    expect((await bed.operator.run(ssh)).exit).toBe(255);
    await bed.network.mend(host);
    expect((await bed.operator.run(ssh)).exit).toBe(0);
  });

  test("a cable can be made slower", async () => {
    const ping = async (): Promise<number> => {
      const from = performance.now();
      await bed.operator.run(["bash", "-c", "for i in 1 2 3 4; do echo >/dev/tcp/h1/22; done"]);
      return performance.now() - from;
    };
    await bed.network.delay(bed.operator, 100);
    expect(await ping()).toBeGreaterThan(400);
    await bed.network.delay(bed.operator, 0);
    expect(await ping()).toBeLessThan(400);
  });

  test("its end leaves neither processes nor files", async () => {
    const other = await openBed({ hosts: hostNames(1), balancer: "nginx", backends });
    expect((await other.operator.run(["ssh", "root@lb1", "cat /var/log/start; hostname"])).stdout).toBe(
      "lb1\n",
    );
    await other.close();
    expect(existsSync(other.directory)).toBe(false);
    expect(other.hosts.filter(({ pid }) => existsSync(`/proc/${pid}`))).toEqual([]);
  });
});
