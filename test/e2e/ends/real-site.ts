import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildProcess, spawn } from "node:child_process";
import { openSharedJournal } from "../../../dist/execute/shared-journal.js";
import { fleetOf } from "../../../dist/fleet/fleet-of-ends.js";
import { connectSupervisor } from "../../../dist/process/client.js";
import { homePaths } from "../../../dist/process/home.js";
import type { Outcome } from "../../../src/plan/effect.ts";
import type { Fleet } from "../../../src/plan/fleet-port.ts";
import type { BalancerEnd, HostEnd } from "../../../src/fleet/end.ts";
import type { TrafficSettings } from "../../../src/traffic/driver.ts";
import { openApps } from "../../contract/traffic/apps.ts";
import { endless, goalOf, hosts, late, sound, specOf } from "../../contract/fleet/releases.ts";
import type { EndOperator, EndSite } from "../../contract/fleet/subject.ts";
import { freePort, until } from "../bare.ts";
import { forgetHome, noteHome } from "../open-homes.ts";
import { findHaproxy, startHaproxy } from "../traffic/haproxy.ts";

/** What two ways to the same hosts differ in. */
export interface Way {
  openHost(host: string, path: string): Promise<HostEnd>;
  openBalancer(name: string, settings: TrafficSettings): Promise<BalancerEnd>;
  /** A program that holds the lock of the app at `path` on web1 and says "held". */
  holder(path: string): readonly [command: string, args: readonly string[], env: NodeJS.ProcessEnv];
  loseReply(lost: Losing): Promise<Outcome>;
}

export interface Losing {
  readonly fleet: Fleet;
  readonly epoch: number;
  /** Of web1. */
  readonly home: string;
  readonly path: string;
}

export interface Ground {
  /** CUTOVER_HOME of a host. */
  homeOf(host: string): string;
  openSite(way: Way): Promise<EndSite>;
  close(): Promise<void>;
}

export const missing: string | undefined =
  findHaproxy() === undefined ? "haproxy is not installed" : undefined;

/** A real balancer and directories for hosts; each site begins with a new app directory on the same hosts. */
export async function openGround(homeOf: (host: string) => string): Promise<Ground> {
  const root = mkdtempSync(join(tmpdir(), "cutover-ends-"));
  const source = join(root, "source");
  mkdirSync(source);
  writeFileSync(join(source, "README"), "Nothing to build.\n");
  const apps = await openApps(hosts);
  const running = await startHaproxy({ directory: root, apps, port: await freePort() });
  const settings: TrafficSettings = {
    spec: running.spec,
    servers: Object.fromEntries(apps.all.map(({ name, address }) => [name, [address]])),
    services: { web: { port: apps.port, healthPath: "/health" } },
  };
  for (const host of hosts) noteHome(homeOf(host));
  let sites = 0;
  return {
    homeOf,
    openSite(way) {
      sites += 1;
      const at = join(root, `site-${sites}`);
      return Promise.resolve(openSite(way, { homeOf, settings, source, at }));
    },
    async close() {
      await running.stop();
      await apps.close();
      for (const host of hosts) forgetHome(homeOf(host));
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Ends {
  readonly homeOf: (host: string) => string;
  readonly settings: TrafficSettings;
  readonly source: string;
  /** Directory of this site. */
  readonly at: string;
}

function openSite(way: Way, { homeOf, settings, source, at }: Ends): EndSite {
  const pathOf = (host: string): string => join(at, host);
  const operators: EndOperator[] = [];
  const children: ChildProcess[] = [];
  const open = async (): Promise<EndOperator> => {
    const [first, second, balancer] = await Promise.all([
      way.openHost("web1", pathOf("web1")),
      way.openHost("web2", pathOf("web2")),
      way.openBalancer("lb1", settings),
    ]);
    const balancers = [balancer];
    for (const release of [sound, endless, late])
      await first.saveSettings(release, { spec: specOf(release, source), secrets: [] });
    const options = { goal: () => goalOf(source), emit: () => undefined, now: () => Date.now() };
    const fleet = fleetOf({ hosts: [first, second], balancers }, options);
    const operator: EndOperator = {
      fleet,
      hosts: [first, second],
      journal: (id) => openSharedJournal([first, second], { id }),
      loseReply: (epoch) => way.loseReply({ fleet, epoch, home: homeOf("web1"), path: pathOf("web1") }),
      async close() {
        await Promise.all([first, second, ...balancers].map((end) => end.close().catch(() => undefined)));
      },
    };
    operators.push(operator);
    return operator;
  };
  return {
    operator: open,
    async leaveWish(wish) {
      const [operator] = operators;
      for (const end of operator?.hosts ?? []) await end.leaveWish(wish);
    },
    tear(id) {
      for (const host of hosts)
        appendFileSync(join(pathOf(host), `.cutover/journal/${id}.ndjson`), '123 4567 {"kind":"int');
      return Promise.resolve();
    },
    async holder() {
      const [command, args, env] = way.holder(pathOf("web1"));
      const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
      children.push(child);
      let said = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
      await until("somebody holds the lock", () => said.includes("held"));
      return child;
    },
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(operators.map((operator) => operator.close()));
      await Promise.all(hosts.map((host) => stopSupervisor(homeOf(host))));
    },
  };
}

async function stopSupervisor(home: string): Promise<void> {
  const supervisor = await connectSupervisor(homePaths({ CUTOVER_HOME: home }), { start: false }).catch(
    () => null,
  );
  await supervisor?.shutdown("stop");
}
