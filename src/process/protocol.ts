import type { InstanceView } from "../plan/fleet.ts";
import type { ProblemDetail } from "../problem.ts";
import type { ServiceSpec } from "../plan/spec.ts";

/**
 * Words spoken with the supervisor: HTTP + JSON over the unix socket $CUTOVER_HOME/supervisor.sock (0600).
 * A failure is status 4xx/5xx with a ProblemDetail as body; 500 is a bug. A service is addressed by "<app>/<name>".
 * A release is a release id of a deployment, or "g<n>" for a generation started by hand.
 *
 *   GET    /v1/ping                                   Ping
 *   GET    /v1/services                               ServiceStatus[]
 *   GET    /v1/services/<app>/<name>                  ServiceStatus
 *   POST   /v1/services/<app>/<name>/stage            StageRequest -> ServiceStatus   (binds the port, starts instances, gate closed)
 *   POST   /v1/services/<app>/<name>/check            {release} -> ServiceStatus      (answers when checked or failed: 409 HEALTH_*)
 *   POST   /v1/services/<app>/<name>/switch           {release, keep} -> ServiceStatus
 *   POST   /v1/services/<app>/<name>/drain            {release, keep} -> DrainResult  (answers when the others are gone)
 *   POST   /v1/services/<app>/<name>/start            {spec?} -> ReplaceResult        (first start, or start of a stopped one)
 *   POST   /v1/services/<app>/<name>/reload           ReloadRequest -> ReplaceResult  (stage, check, switch, drain in batches)
 *   POST   /v1/services/<app>/<name>/stop             {} -> DrainResult               (kept in the list, not restarted at boot)
 *   DELETE /v1/services/<app>/<name>                  {} -> DrainResult               (stopped, forgotten, port closed)
 *   POST   /v1/shutdown                               {instances: "keep" | "stop"} -> {}
 *   GET    /v1/events                                 NDJSON stream of SupervisorEvent until the client leaves
 */

export interface Ping {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Open descriptors and resident bytes of the supervisor itself. */
  readonly descriptors: number;
  readonly rssBytes: number;
}

export type ServiceState = "running" | "stopped" | "crash-looping";

export interface InstanceStatus extends InstanceView {
  /** Slot 0..n-1: the number in the log file's name and in CUTOVER_INSTANCE. */
  readonly slot: number;
  readonly startedAt: number;
  readonly memoryBytes: number;
  /** Share of one core since the last sample, 0..n. */
  readonly cpu: number;
  readonly inFlight: number | null;
  readonly logFile: string;
  readonly exit?: ExitReport | undefined;
}

export interface ExitReport {
  readonly code: number | null;
  readonly signal: string | null;
  readonly at: number;
}

export interface ServiceStatus {
  readonly app: string;
  readonly name: string;
  /** Numeric id of PM2's habits, stable while the service is known. */
  readonly id: number;
  readonly state: ServiceState;
  readonly live: string | null;
  readonly port: number | null;
  readonly instances: readonly InstanceStatus[];
  readonly restarts: number;
  /** Env values are replaced by "***" unless the request asked for them (?secrets=1). */
  readonly spec: ServiceSpec;
  readonly problem?: ProblemDetail | undefined;
  /** How the last instance ended that nobody had asked to end, since the last switch. */
  readonly lastEnd?: ProblemDetail | undefined;
}

export interface StageRequest {
  readonly release: string;
  readonly count: number;
  readonly spec: ServiceSpec;
}

export interface SwitchRequest {
  readonly release: string;
  readonly keep: number;
}

export interface DrainResult {
  readonly status: ServiceStatus;
  readonly stopped: number;
  /** Instances killed at their deadline, and the requests they still had in flight (null: unknown). */
  readonly forced: number;
  readonly forcedRequests: number | null;
}

export interface ReloadRequest {
  /** Absent: same spec again, its release directory resolved anew. */
  readonly spec?: ServiceSpec | undefined;
}

export interface ReplaceResult extends DrainResult {
  readonly release: string;
}

export type SupervisorEvent =
  | {
      readonly event: "instance";
      readonly key: string;
      readonly instance: InstanceStatus;
      readonly why: string;
      readonly at: number;
    }
  | {
      readonly event: "service";
      readonly key: string;
      readonly state: ServiceState;
      readonly why: string;
      readonly at: number;
    }
  | {
      readonly event: "finding";
      readonly key: string;
      readonly instance: string;
      readonly line: string;
      readonly at: number;
    };
