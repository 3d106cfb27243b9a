import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runMigration } from "../../../dist/cli/deployment/migration.js";
import { openBalancerEnd } from "../../../dist/fleet/balancer-end.js";
import { openLocalEnd } from "../../../dist/fleet/local-end.js";
import { connectSupervisor } from "../../../dist/process/client.js";
import { homePaths } from "../../../dist/process/home.js";
import type { Outcome } from "../../../src/plan/effect.ts";
import { endContract } from "../../contract/fleet/contract.ts";
import { deployment, sound, stage } from "../../contract/fleet/releases.ts";
import { until } from "../bare.ts";
import { type Ground, type Losing, missing, openGround, type Way } from "./real-site.ts";

const root = mkdtempSync(join(tmpdir(), "cutover-local-"));
const homeOf = (host: string): string => join(root, host, "home");
let ground: Promise<Ground> | undefined;

const way: Way = {
  openHost: (name, path) =>
    openLocalEnd({
      name,
      app: "shop",
      path,
      access: "write",
      env: { CUTOVER_HOME: homeOf(name) },
      version: "0",
      migrate: runMigration,
    }),
  openBalancer: (name, settings) =>
    openBalancerEnd({ name, app: "shop", settings, env: { CUTOVER_HOME: homeOf(name) }, version: "0" }),
  holder: (path) => [
    process.execPath,
    [join(import.meta.dirname, "holder.mjs"), path],
    { ...process.env, CUTOVER_HOME: homeOf("web1") },
  ],
  loseReply,
};

endContract({
  name: "on this machine",
  missing,
  open: async () => await (await (ground ??= openGround(homeOf))).openSite(way),
});

afterAll(async () => {
  await (await ground)?.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

/** Between the end and its instances is the supervisor, which dies with the request in its hands. */
async function loseReply({ fleet, epoch, home }: Losing): Promise<Outcome> {
  await fleet.apply(stage(sound), epoch);
  await fleet.observe();
  const paths = homePaths({ CUTOVER_HOME: home });
  const { pid } = await (await connectSupervisor(paths, { start: true })).ping();
  const connections = (): number =>
    readFileSync("/proc/net/unix", "utf8").split(paths.supervisorSocket).length - 1;
  process.kill(pid, "SIGSTOP");
  const before = connections();
  const launch = deployment.find((effect) => effect.layer === "process" && effect.verb === "stage");
  if (launch === undefined) throw new Error("a deployment launches instances");
  const applied = fleet.apply(launch, epoch);
  await until("the supervisor is asked", () => connections() > before);
  process.kill(pid, "SIGKILL");
  return await applied;
}
