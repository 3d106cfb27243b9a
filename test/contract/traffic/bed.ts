import { expect } from "vitest";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProblemDetail } from "../../../src/problem.ts";
import type { Balancer, BalancerSettings, Driver } from "../../../src/traffic/driver.ts";
import type { Cohort, Frontend, Routing } from "../../../src/plan/traffic.ts";
import { freePort, until } from "../../e2e/bare.ts";
import { openApps, type Apps } from "./apps.ts";
import { settingsOf, type BedSite, type RunningBalancer, type Subject } from "./subject.ts";

/** A real balancer with its driver in front of three applications. */
export interface Bed extends BedSite {
  readonly driver: Driver;
  readonly running: RunningBalancer;
  readonly balancer: Balancer;
  readonly settings: BalancerSettings;
  readonly url: string;
  readonly apps: Apps;
  /** What it told before anything was ever changed. */
  readonly firstNotices: readonly ProblemDetail[];
  readonly firstUneven: readonly ProblemDetail[];
  readonly firstFrontends: readonly Frontend[];
  /** Path -> content, as its operator has written it. */
  readonly firstConfiguration: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const names = ["app1", "app2", "app3"] as const;

export async function openBed(subject: Subject): Promise<Bed> {
  const root = mkdtempSync(join(tmpdir(), "cutover-traffic-"));
  const directory = join(root, subject.name);
  mkdirSync(directory);
  const apps = await openApps(names);
  const site: BedSite = { directory, apps, port: await freePort() };
  const running = await subject.start(site);
  const driver = await subject.load?.();
  if (driver === undefined) throw new Error(`the register has no driver ${subject.name}`);
  const settings = settingsOf(site, running.spec);
  const balancer = driver.open(settings);
  const firstConfiguration = running.configuration();
  const firstNotices = await balancer.notices();
  const firstUneven = await balancer.uneven();
  const firstFrontends = await balancer.frontends();
  expect(running.configuration()).toEqual(firstConfiguration);
  return {
    ...site,
    driver,
    running,
    settings,
    balancer,
    firstNotices,
    firstUneven,
    firstConfiguration,
    firstFrontends,
    url: `http://127.0.0.1:${site.port}/`,
    async close() {
      await running.stop();
      await apps.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Weights of the servers in their order. */
export function routing(weights: readonly number[], cohort?: Cohort): Routing {
  const web = Object.fromEntries(names.map((name, i) => [name, weights[i] ?? 0]));
  return { weights: { web }, ...(cohort === undefined ? {} : { cohort }) };
}

export const even: Routing = routing([1, 1, 1]);

export async function sessionsOf(bed: Bed, server: string): Promise<number | null> {
  const { servers } = await bed.balancer.read();
  const found = servers.find((one) => one.server === server);
  if (found === undefined) throw new Error(`the balancer does not list ${server}`);
  return found.sessions;
}

export async function untilSessions(bed: Bed, server: string, count: number): Promise<void> {
  await until(
    `${server} has ${count} sessions`,
    async () => (await sessionsOf(bed, server)) === count,
    10_000,
  );
}
