/** Requests to two groups of servers, each to one that nobody can foresee, as a client beside the balancer would send them. */
export interface Comparison {
  readonly canary: readonly string[];
  /** Empty: only the canary is asked. */
  readonly control: readonly string[];
  readonly asks: readonly Ask[];
  /** Of both groups together. */
  readonly ratePerSecond: number;
  readonly forMs: number;
  /** The Host header; absent: the server's address. */
  readonly site?: string | undefined;
}

export interface Ask {
  readonly service: string;
  readonly path: string;
  /** A status, or the lowest that is bad. */
  readonly expect: number | "below-400" | "below-500";
}

export interface Answered {
  readonly arm: "canary" | "control";
  readonly server: string;
  readonly service: string;
  readonly path: string;
  /** When it ended, ms since the epoch, by the clock of who asked. */
  readonly at: number;
  readonly tookMs: number;
  /** Why it is bad; absent: it is good. */
  readonly fault?: string | undefined;
}
