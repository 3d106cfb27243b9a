import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostNames, openBed } from "../e2e/fleet/bed/bed.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";
import { capistrano, type Deployer, installShipit, shipit } from "./fleet-peers.ts";
import { serveRepository } from "./fleet-repository.ts";
import { markdownTable, median, report, spread } from "./record.ts";

const rounds = Number(process.env["CUTOVER_FLEET_ROUNDS"] ?? 3);

/** What sshd of a host was asked for since it started. */
function sshUse(host: Machine): { readonly connections: number; readonly channels: number } {
  const log = readFileSync(join(host.directory, "var/log/sshd"), "utf8");
  const count = (pattern: RegExp): number => log.match(pattern)?.length ?? 0;
  return { connections: count(/^Connection from /gm), channels: count(/^Starting session: /gm) };
}

async function timed(deployer: Deployer): Promise<number> {
  const ran = await deployer.deploy();
  expect(ran.exit, `${deployer.name}: ${ran.stdout}${ran.stderr}`).toBe(0);
  return ran.ms / 1000;
}

test("fleet-deploy: no-change deploy beside Capistrano and Shipit", async () => {
  const bed = await openBed({ hosts: hostNames(10), others: ["git"] });
  try {
    const [git] = bed.others;
    if (git === undefined) throw new Error("the bed has a git server");
    const repository = await serveRepository(git);
    const shipitDirectory = await installShipit(bed.directory);
    for (const count of [1]) {
      const site = { bed, hosts: bed.hosts.slice(0, count), repository: repository.url };
      const deployers = [capistrano(site), shipit(shipitDirectory, site)];
      for (const deployer of deployers) {
        await timed(deployer);
        const before = sshUse(bed.hosts[0]!);
        const s = await timed(deployer);
        const after = sshUse(bed.hosts[0]!);
        console.log(deployer.name, s, after.connections - before.connections, after.channels - before.channels);
      }
    }
  } finally {
    await bed.close();
  }
});
