import type { ProblemDetail } from "../problem.ts";
import type { BalancerView } from "./traffic.ts";

/** What was seen: the observed fleet as plain data. Times are ms since the epoch, taken by the observer. */

export type ReleaseState = "staged" | "live" | "good" | "failed" | "bad";

export interface ReleaseView {
  readonly id: string;
  readonly state: ReleaseState;
  readonly revision?: string | undefined;
  /** Keyed digest of the env file, never a value. */
  readonly envDigest?: string | undefined;
  /** The revision for a person. */
  readonly label?: string | undefined;
  /** What it took on the disk when it was made. */
  readonly bytes?: number | undefined;
  readonly wasLive: boolean;
}

/**
 * starting: launched, not yet checked · ready: checked, gate closed · open: takes traffic · parked: stopped accepting,
 * still warm · draining: finishing what it has · failed: died or missed its deadline before it was ever checked.
 */
export type InstanceState = "starting" | "ready" | "open" | "parked" | "draining" | "failed";

export interface InstanceView {
  readonly id: string;
  readonly release: string;
  readonly state: InstanceState;
  readonly pid?: number | undefined;
  readonly cwd?: string | undefined;
  /** Unwanted ends of this slot since it was staged. */
  readonly restarts: number;
  /** Sampled every few seconds; absent: unknown. */
  readonly memoryBytes?: number | undefined;
}

export interface ServiceView {
  readonly name: string;
  readonly instances: readonly InstanceView[];
  /** Release whose instances the supervisor keeps alive; null: none. */
  readonly live: string | null;
  /** engine php-fpm/static: the release its reload command last ran for. */
  readonly reloadedFor?: string | null | undefined;
  /** Why its last instance ended or failed: log lines and probe answers for whoever reads the verdict. */
  readonly problem?: ProblemDetail | undefined;
}

export interface HostView {
  readonly host: string;
  readonly reachable: boolean;
  /** Why it cannot be reached. */
  readonly why?: string | undefined;
  /** When it was last reached, where it is not now; absent: not since the last record of the journal. */
  readonly seenAt?: number | undefined;
  readonly epoch: number;
  readonly current: string | null;
  /** Only releases that are complete, or that were marked; a directory of a killed stage is not listed. */
  readonly releases: readonly ReleaseView[];
  readonly services: readonly ServiceView[];
  /** What a person at another terminal wants of the deployment under way; the operator in charge journals and clears it. */
  readonly wish?: Wish | undefined;
}

export interface Wish {
  /** Id of the deployment it is meant for. */
  readonly deployment: string;
  readonly command: "promote" | "pause" | "abort";
  readonly operator: string;
}

export interface Observed {
  readonly at: number;
  readonly hosts: readonly HostView[];
  readonly balancers: readonly BalancerView[];
}
