import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { reconnecting } from "../../../dist/fleet/reconnecting.js";
import { balancerMethods, hostMethods } from "../../../dist/fleet/rpc/methods.js";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import type { Outcome } from "../../../src/plan/effect.ts";
import { endContract } from "../../contract/fleet/contract.ts";
import { endless, stage } from "../../contract/fleet/releases.ts";
import { until } from "../bare.ts";
import { hasSshd, type Sshd, startSshd } from "../ssh/sshd.ts";
import { type Ground, type Losing, missing, openGround, type Way } from "./real-site.ts";

interface Servers {
  readonly ground: Ground;
  readonly way: Way;
  close(): Promise<void>;
}

let servers: Promise<Servers> | undefined;

/** Each host has an ssh daemon of its own; the balancer is on the machine of web1. */
async function startServers(): Promise<Servers> {
  const [web1, web2] = [await startSshd(), await startSshd()];
  const sshdOf = (name: string): Sshd => (name === "web2" ? web2 : web1);
  const ground = await openGround((host) => sshdOf(host).home);
  return {
    ground,
    way: wayOver(sshdOf),
    async close() {
      await ground.close();
      await Promise.all([web1.stop(), web2.stop()]);
    },
  };
}

function wayOver(sshdOf: (name: string) => Sshd): Way {
  const connect = (name: string) => connectServer(name, { env: sshdOf(name).env });
  return {
    async openHost(name, path) {
      const open = async () => await (await connect(name)).openHost({ app: "shop", path, access: "write" });
      return reconnecting(hostMethods, await open(), open);
    },
    async openBalancer(name, settings) {
      const open = async () => await (await connect(name)).openBalancer({ app: "shop", settings });
      return reconnecting(balancerMethods, await open(), open);
    },
    holder: (path) => [
      process.execPath,
      [join(import.meta.dirname, "../ssh/operator.mjs"), "web1", path],
      sshdOf("web1").env,
    ],
    loseReply,
  };
}

/** The connection breaks in the middle of a build, which the agent then gives up. */
async function loseReply({ fleet, epoch, path }: Losing): Promise<Outcome> {
  const applied = fleet.apply(stage(endless), epoch);
  await until("the build has begun", () => existsSync(join(path, "releases", endless, "begun")));
  const clients = spawnSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)], { encoding: "utf8" });
  for (const line of clients.stdout.split("\n"))
    if (line.includes(" -- web1 ")) process.kill(Number.parseInt(line, 10), "SIGKILL");
  return await applied;
}

endContract({
  name: "over ssh",
  missing: hasSshd ? missing : "sshd is not installed",
  async open() {
    const { ground, way } = await (servers ??= startServers());
    return await ground.openSite(way);
  },
});

afterAll(async () => {
  await (await servers)?.close();
});
