import type { InstanceState } from "../../plan/fleet.ts";
import type { ServiceSpec } from "../../plan/spec.ts";
import type { Problem, ProblemDetail } from "../../problem.ts";
import type { HomePaths } from "../home.ts";
import type { ExitReport, ServiceState, SupervisorEvent } from "../protocol.ts";
import type { ProcessMark } from "./mark.ts";
import type { RunWatch } from "./run-watch.ts";
import type { ShimRecord } from "./shim.ts";

/** What is known of an instance across lives of the supervisor. */
export interface InstanceRecord {
  readonly id: string;
  readonly slot: number;
  readonly release: string;
  readonly runDirectory: string;
  readonly logFile: string;
  /** Size of the log file at launch: what follows is this instance's (and its slot neighbours'). */
  readonly logOffset: number;
  /** Ports it was given at its launch. */
  readonly ports: readonly number[];
  readonly startedAt: number;
  readonly restarts: number;
  cwd: string;
  /** First process: its number is that of the session and group. */
  leader: ProcessMark | null;
  /** The process that stands for the instance: the leader, or who outlived it. */
  mark: ProcessMark | null;
  state: InstanceState;
  /** It is to take traffic: an end that nobody asked for makes the supervisor start another in its slot. */
  wanted: boolean;
}

export interface Instance {
  readonly record: InstanceRecord;
  readonly watch: RunWatch;
  /** Resolves once, when its processes are gone or only leftovers of no use. */
  readonly ended: Promise<ExitReport>;
  readonly end: (report: ExitReport) => void;
  exit: ExitReport | null;
  /** Null once it may take traffic, a problem when it failed before. */
  checked: Promise<Problem | null>;
  memoryBytes: number;
  cpu: number;
  cpuTicks: number;
  inFlight: number | null;
  /** Set while somebody stops it, so that its end is no surprise. */
  isStopping: boolean;
  /** Declared ports it was seen to take. */
  readonly claimed: Set<number>;
  halted: Promise<Retired> | null;
}

/** How an instance went: whether it was killed or cut off, and the requests it still had then. */
export interface Retired {
  readonly isForced: boolean;
  readonly requests: number;
}

export interface ServiceRecord {
  readonly id: number;
  readonly app: string;
  readonly name: string;
  state: ServiceState;
  live: string | null;
  /** As each release was staged; env values included, so never shown or logged. */
  specs: Record<string, ServiceSpec>;
  /** Instances last asked for, by release. */
  counts: Record<string, number>;
  /** Real working directory by release, resolved when it was first launched. */
  directories: Record<string, string>;
  /** Ports nobody declared that the program was seen to open; without a declared port the first is the public one. */
  learnedPorts: number[];
  generation: number;
  serial: number;
  restarts: number;
  shim: ShimRecord | null;
  problem: ProblemDetail | null;
  /** The last end that nobody asked for, since the last switch. */
  lastEnd?: ProblemDetail | null;
}

interface Busy {
  readonly verb: string;
  readonly since: number;
  /** Settles when a change that the supervisor began by itself has ended. */
  readonly own?: Promise<void>;
}

/** Ends in a row of one slot, and the pause before its next start. */
export interface SlotHistory {
  inRow: number;
  stable: NodeJS.Timeout | null;
  revival: AbortController | null;
}

export interface Service {
  readonly world: World;
  readonly key: string;
  readonly record: ServiceRecord;
  instances: Instance[];
  busy: Busy | null;
  readonly slots: Map<string, SlotHistory>;
}

export interface World {
  readonly paths: HomePaths;
  readonly services: Map<string, Service>;
  emit(event: SupervisorEvent): void;
  /** Resolves when the present state is on disk. */
  save(): Promise<void>;
  /** An instance that was to take traffic ended and nobody asked for it. */
  onLost(service: Service, instance: Instance): void;
}
