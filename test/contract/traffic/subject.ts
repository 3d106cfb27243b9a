import type { BalancerSettings, Driver } from "../../../src/traffic/driver.ts";
import type { TrafficSpec } from "../../../src/plan/spec.ts";
import type { Apps } from "./apps.ts";

/** A driver of the register under the contract: how to start the real balancer it drives. */
export interface Subject {
  readonly name: string;
  readonly load: (() => Promise<Driver>) | undefined;
  /** Why it cannot be tested here; undefined: it can. */
  readonly missing?: string | undefined;
  /**
   * Starts the balancer in `directory`, with one backend over every app of the bed and equal weights, as an operator would have
   * configured it. A server that refuses a connection is tried again elsewhere.
   */
  start(bed: BedSite): Promise<RunningBalancer>;
}

/** One that shows all that a driver has to tell of. */
export interface WholeSubject extends Subject {
  /** The same with clients that stick to a server by their address, and what says so. */
  readonly sticky: { start(bed: BedSite): Promise<RunningBalancer>; readonly line: RegExp };
}

export interface BedSite {
  /** Empty, and removed after the test. */
  readonly directory: string;
  readonly apps: Apps;
  /** A free port for the clients. */
  readonly port: number;
}

export interface RunningBalancer {
  /** Settings of `traffic:` that fit: engine, backends of the service "web", options. */
  readonly spec: TrafficSpec;
  /** Options with which the balancer cannot be reached: a socket, a directory or a command that is not there. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** Stops it and starts it again as an operator does, from what is on disk; answers when it takes requests. */
  restart(): Promise<void>;
  /** Path -> content of every file that its configuration consists of, the driver's own ones included. */
  configuration(): Readonly<Record<string, string>>;
  /** How often it has loaded its configuration since it was started. */
  loads(): number;
  stop(): Promise<void>;
}

/** Settings for a driver over the servers of the bed. */
export function settingsOf(
  site: BedSite,
  spec: TrafficSpec,
  more: Partial<BalancerSettings> = {},
): BalancerSettings {
  return {
    app: "shop",
    spec,
    servers: Object.fromEntries(site.apps.all.map(({ name, address }) => [name, [name, address]])),
    services: { web: { port: site.apps.port, healthPath: "/health" } },
    home: site.directory,
    ...more,
  };
}
