import type { ProblemDetail } from "../problem.ts";
import type { TrafficSpec } from "../plan/spec.ts";
import type { BackendServer, CohortMatch, Frontend, Routing, TrafficCounters } from "../plan/traffic.ts";

/** One kind of balancer. A new one is a file with a Driver and a line in drivers.ts; the contract suite picks it up. */
export interface Driver {
  readonly abilities: Abilities;
  /** Reads nothing yet. Problems: TRAFFIC_OPTION for settings the driver does not know. */
  open(settings: BalancerSettings): Balancer;
}

/** What a driver can do; nobody asks a driver for its name. */
export interface Abilities {
  /** Weights of any ratio; false: a server takes traffic or does not. */
  readonly hasWeights: boolean;
  readonly hasCohorts: boolean;
  /** Sessions under way are counted, so that draining ends when it is over; false: it ends at its deadline. */
  readonly hasSessions: boolean;
  readonly hasCounters: boolean;
  /** A switch costs no connection: neither a reload nor a new worker. */
  readonly isHot: boolean;
}

export interface BalancerSettings {
  readonly app: string;
  readonly spec: TrafficSpec;
  /** Server -> addresses it may have in the balancer's configuration: its own name first, then what that resolves to. */
  readonly servers: Readonly<Record<string, readonly string[]>>;
  /** Service -> the port it has on the servers, and the path that tells its health. */
  readonly services: Readonly<Record<string, BackendPort>>;
  /** What a rollout of this app may match: a driver that has to load it does so before anything depends on it. */
  readonly cohort?: CohortMatch | undefined;
  /** A rollout of this app gives servers shares of the requests. */
  readonly hasShares?: boolean | undefined;
  /** Where the driver may keep what it has to remember. */
  readonly home: string;
}

export interface BackendPort {
  readonly port: number;
  readonly healthPath?: string | undefined;
}

/** What an operator tells of the balancers of an app; where it is kept, the machine itself knows. */
export type TrafficSettings = Pick<
  BalancerSettings,
  "spec" | "servers" | "services" | "cohort" | "hasShares"
>;

/** One balancer on this machine, for one app. */
export interface Balancer {
  /** Holds what cutover keeps for this balancer, the same for every user; absent: `home` of the settings. */
  readonly directory?: string | undefined;
  /** What the first change would do beside a routing: lines in the operator's files, a reload. Changes nothing. Problems: TRAFFIC_*. */
  notices(): Promise<readonly ProblemDetail[]>;
  /** What keeps the servers' shares from being as exact as their weights; empty: nothing that is known. Problems: TRAFFIC_*. */
  uneven(): Promise<readonly ProblemDetail[]>;
  /** Read from the running balancer, not from a file. Problems: TRAFFIC_*. */
  read(): Promise<BalancerState>;
  /**
   * Sets all of it: checked, live, written so that a restart keeps it, and seen to be in force. On a refusal the balancer and
   * its files are as before. Problems: TRAFFIC_*.
   */
  write(routing: Routing): Promise<void>;
  /** One request to the service on that server, through the balancer and past weights and cohort; answers its status. */
  ask(service: string, server: string): Promise<Answer>;
  /** Empty without the ability hasCounters. */
  counters(): Promise<readonly TrafficCounters[]>;
  /** Where clients reach the health path of each service, as the configuration says; empty where that is not clear. */
  frontends(): Promise<readonly Frontend[]>;
}

export interface BalancerState {
  readonly routing: Routing;
  readonly servers: readonly BackendServer[];
}

export interface Answer {
  readonly status: number;
  /** The header x-cutover-release of the answer, where the program sends one. */
  readonly release?: string | undefined;
}
