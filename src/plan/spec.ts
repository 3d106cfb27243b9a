import type { CohortMatch } from "./traffic.ts";

/** What the user asked for, as plain data: made by config/, carried by the goal, used by the layers. All times in ms, sizes in bytes. */

export interface AppSpec {
  readonly app: string;
  /** Directory that holds releases/, shared/, current and .cutover/; a ~/ before it is the home of the user on the server. */
  readonly path: string;
  readonly stage?: string | undefined;
  readonly release: ReleaseSpec;
  readonly services: readonly ServiceSpec[];
  readonly migrate?: MigrateSpec | undefined;
  readonly hooks: HooksSpec;
  readonly bakeMs: number;
  readonly surge: Surge;
  /** Absent: the listening socket of each host is the balancer. */
  readonly traffic?: TrafficSpec | undefined;
}

export interface TrafficSpec {
  /** Name in the register of drivers. */
  readonly engine: string;
  /** Service -> the name its backend (upstream) has in the balancer's configuration. */
  readonly backends: Readonly<Record<string, string>>;
  /** Server -> how the balancer's configuration names or addresses it, where that is not the server's own name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Settings of the driver: paths of its files and sockets, commands. */
  readonly options: Readonly<Record<string, string>>;
}

/** How one release replaces the other over the hosts of the fleet. */
export interface RolloutSpec {
  readonly strategy: "rolling" | "blue-green" | "canary" | "recreate";
  /** Hosts that are replaced together: a count, or a share of all between 0 and 1. */
  readonly batch: { readonly count: number } | { readonly share: number };
  readonly canary?: CanarySpec | undefined;
  /** Share of the servers in traffic, 0 to 1, that has to take it at every moment; absent: half. */
  readonly capacity?: number | undefined;
  /** blue-green: how long the old half stays as it is after the switch, for an instant way back. */
  readonly keepWarmMs: number;
}

export interface CanarySpec {
  /** Sees the new release before any share does. */
  readonly match?: CohortMatch | undefined;
  /** Shares between 0 and 1, ascending, the last one 1. */
  readonly steps: readonly number[];
  readonly holdMs: number;
  /** Absent: a step is over when its time is. */
  readonly judge?: JudgeSpec | undefined;
}

/** What the judge of a canary goes by; part of the goal, so that whoever resumes judges alike. */
export interface JudgeSpec {
  readonly errors: boolean;
  readonly latency: boolean;
  /** The balancer has to divide the requests as it was told. */
  readonly split: boolean;
  readonly onHarm: "abort" | "pause";
  /** It tells what it finds, and nothing follows from that. */
  readonly isDryRun: boolean;
  /** The judge's own requests per second, half of them to each release. */
  readonly ratePerSecond: number;
  /** What it asks of every service behind the balancer; empty: the path that tells its health. */
  readonly paths: readonly string[];
  /** Name of the site, for programs that answer by it; absent: the server's address. */
  readonly site?: string | undefined;
  /** What a new process answers in this time says nothing of its speed. */
  readonly warmUpMs: number;
  /** A step that is not settled when its hold is over is watched on until this long after its beginning. */
  readonly withinMs: number;
  /** How long the servers of the canary are compared with the others before they get the release; 0: not at all. */
  readonly hostCheckMs: number;
  /** A command whose exit code, or "BAD of TOTAL" on its last line, tells how well a server does. */
  readonly check?: string | undefined;
}

/** Extra instances allowed beside the wanted ones while a release is replaced: a count, or "all". */
export type Surge = number | "all";

export interface ReleaseSpec {
  readonly source: SourceSpec;
  readonly build: BuildSpec;
  readonly shared: { readonly dirs: readonly string[]; readonly files: readonly string[] };
  readonly writable: readonly string[];
  /** Where the rendered env goes inside the release, for example ".env"; absent: no env file. */
  readonly envTo?: string | undefined;
  readonly assets?: { readonly path: string; readonly keepMs: number } | undefined;
  readonly keep: number;
}

export type SourceSpec =
  | { readonly kind: "directory"; readonly path: string }
  | {
      readonly kind: "git";
      readonly url: string;
      readonly ref: string;
      /** The directory of the repository that becomes the release; absent: all of it. */
      readonly directory?: string | undefined;
    }
  | { readonly kind: "artifact"; readonly path: string }
  /** Brought by the operator: an archive on the host, under `key`. */
  | {
      readonly kind: "upload";
      readonly key: string;
      readonly revision: string;
      readonly label: string;
      /** What it takes when it is unpacked, about. */
      readonly bytes: number;
      readonly files: number;
    };

export interface BuildSpec {
  readonly run: readonly string[];
  readonly where: "server" | "here";
  /** Dependency directory -> lockfile whose content keys the store, both inside the release. */
  readonly cache: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface MigrateSpec {
  readonly run: string;
  readonly on?: string | undefined;
  readonly timeoutMs: number;
}

export type HookPoint = "before-switch" | "after-switch" | "after-deploy" | "on-failure";
export type HooksSpec = Readonly<Record<HookPoint, readonly string[]>> & { readonly timeoutMs: number };

type Engine = "builtin" | "php-fpm" | "static";

/** How a program gets the public port: preload = Node takes the inherited socket; relay = it binds a private $PORT. */
type Handover = "auto" | "preload" | "relay";

export interface ServiceSpec {
  /** The app the service belongs to; with the name its key on the host ("shop/web"). */
  readonly app: string;
  readonly name: string;
  readonly engine: Engine;
  /** A command line for /bin/sh, or argv (run without a shell). Empty for engines without a process of ours. */
  readonly run: string | readonly string[];
  /** Absolute working directory; for a release: the real release directory, plus the service's dir. */
  readonly cwd: string;
  /** Public port; absent: a worker, replaced after the switch. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** Ports beside the public one that the program was seen to open; shared between instances in the same way. */
  readonly morePorts?: readonly number[] | undefined;
  readonly instances: number;
  readonly handover: Handover;
  readonly health: HealthSpec;
  readonly bootMs: number;
  readonly drainMs: number;
  readonly stop: StopSpec;
  readonly restart: RestartSpec;
  readonly memoryBytes?: number | undefined;
  /** Complete environment of the instance but for what the supervisor adds. Values may be secret: never log. */
  readonly env: Readonly<Record<string, string>>;
  /** Started by hand: names in `env` that were declared for the service, not taken over from the calling shell. */
  readonly declared?: readonly string[] | undefined;
  /** Env file read at launch, below `env` in precedence (the release's .env). */
  readonly envFile?: string | undefined;
  readonly after: readonly string[];
  /** Regular expressions; a startup log line that matches is a finding. */
  readonly fatal: readonly string[];
  /** engine php-fpm/static: command that makes the server see the switched `current`. */
  readonly reload?: string | undefined;
  readonly cron?: string | undefined;
  readonly watch?: readonly string[] | undefined;
  readonly logs: { readonly maxBytes: number; readonly keep: number };
}

export type HealthSpec = HealthTiming &
  (
    | {
        readonly kind: "http";
        readonly path: string;
        readonly expect: Expect;
        readonly body?: string | undefined;
        readonly warm: readonly string[];
      }
    | { readonly kind: "tcp" }
    | { readonly kind: "command"; readonly command: string }
    | { readonly kind: "message" }
    | { readonly kind: "notify" }
    | { readonly kind: "none" }
  );

/** A status, or "any-below-500" for programs whose health path nobody declared. */
export type Expect = number | "any-below-500";

export interface HealthTiming {
  readonly intervalMs: number;
  /** Successes in a row. */
  readonly healthyAfter: number;
  readonly timeoutMs: number;
  /** From its first good answer an instance must live this long before it may take traffic. */
  readonly minUptimeMs: number;
}

export interface StopSpec {
  readonly signal: string;
  /** From the signal to SIGKILL; the drain deadline comes before it. */
  readonly timeoutMs: number;
}

export interface RestartSpec {
  readonly auto: boolean;
  /** Failures in a row after which the service counts as crash-looping and waits longest. */
  readonly maxInRow: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}
