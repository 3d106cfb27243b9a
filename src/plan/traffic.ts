/** What the balancers do with requests, as plain data. A server is a host of the goal; a service has one backend. */

/** Service -> server -> weight, 0 to 256; shares are relative within a service, and 0 takes no new requests. */
export type Weights = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Requests whose header or cookie matches the regular expression. */
export type CohortMatch = { readonly regex: string } & (
  | { readonly header: string }
  | { readonly cookie: string }
);

/** All of what a balancer shall do for one app; set as a whole, so that setting it twice changes nothing. */
export interface Routing {
  readonly weights: Weights;
  /** Requests of the cohort go to `servers` and to nobody else, whatever the weights. */
  readonly cohort?: Cohort | undefined;
}

export interface Cohort {
  readonly match: CohortMatch;
  readonly servers: readonly string[];
}

export interface BalancerView {
  readonly host: string;
  readonly reachable: boolean;
  /** Why it cannot be reached. */
  readonly why?: string | undefined;
  /** When it was last reached, where it is not now; absent: not since the last record of the journal. */
  readonly seenAt?: number | undefined;
  readonly epoch: number;
  /** In force now, read from the balancer itself. */
  readonly routing: Routing;
  readonly servers: readonly BackendServer[];
}

/** One server of one service as the balancer sees it. */
export interface BackendServer {
  readonly service: string;
  readonly server: string;
  /** The balancer's own health check, where it has one. */
  readonly isUp: boolean;
  /** Requests or connections under way; null: this balancer cannot tell. */
  readonly sessions: number | null;
  /** Where it is reached, with its port, where the balancer tells. */
  readonly address?: string | undefined;
}

/** Since the balancer started or the log began; a version's share is the sum over its servers. */
export interface TrafficCounters {
  readonly service: string;
  readonly server: string;
  readonly requests: number;
  /** Answers with status 500 and above, resets included. */
  readonly failed: number;
  /** Tries the balancer repeated, on this or another server: failures that no client saw. */
  readonly retries: number;
  readonly redispatches: number;
  /** What beside the weights says who answers, as it stands in the configuration; absent: nothing that is known. */
  readonly dividedBy?: string | undefined;
  /** It gets nothing, whatever its weight; absent: that is not known. */
  readonly isDown?: boolean | undefined;
}

/** Where clients reach a service: one port of a balancer. */
export interface Frontend {
  readonly service: string;
  readonly port: number;
  readonly isTls: boolean;
  /** It listens there alone; absent: on every address of the balancer's machine. */
  readonly address?: string | undefined;
  /** What clients call it, without patterns; empty: it answers to any name. */
  readonly names: readonly string[];
}
