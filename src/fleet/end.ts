import type { Effect, Outcome } from "../plan/effect.ts";
import type { Emit } from "../plan/event.ts";
import type { HostView, Wish } from "../plan/fleet.ts";
import type { Goal } from "../plan/record.ts";
import type { SourceSpec } from "../plan/spec.ts";
import type { BalancerView, TrafficCounters } from "../plan/traffic.ts";
import type { ServiceStatus } from "../process/protocol.ts";
import type { Finding } from "../release/finding.ts";
import type { Revision } from "../release/revision.ts";
import type { HandLock, LockInfo } from "./deploy-lock.ts";
import type { Shelved } from "./shelf.ts";

/**
 * All that an operator asks of one app on one host: on this machine by a call, elsewhere over one connection to the agent
 * there. Arguments and answers are JSON; a Problem keeps its detail on the way. A lost connection throws CONNECTION_LOST.
 */
export interface HostEnd extends Fenced, JournalEnd, ShelfEnd, LockEnd {
  readonly about: About;
  observe(): Promise<HostView>;
  /** `goal`: what the deployment under way wants; effects read it. Outcomes are as in the Fleet port. */
  apply(request: ApplyRequest, live: Live): Promise<Outcome>;
  /** Every app's services on the host; null: no supervisor runs. Starts nothing. */
  services(): Promise<readonly ServiceStatus[] | null>;
  preflight(source: SourceSpec): Promise<readonly Finding[]>;
  resolveRevision(source: SourceSpec): Promise<Revision>;
  /** Keyed by the host, so that it may be shown; null: no key there yet. */
  digestEnv(content: string): Promise<string | null>;
  /** Leaves `wish` for the operator in charge; null takes it away. */
  leaveWish(wish: Wish | null): Promise<void>;
}

/** All that an operator asks of one balancer for one app. */
export interface BalancerEnd extends Fenced {
  readonly about: About;
  observe(): Promise<BalancerView>;
  apply(request: ApplyRequest, live: Live): Promise<Outcome>;
  counters(): Promise<readonly TrafficCounters[]>;
}

interface Fenced {
  /** As in servers: or traffic.hosts, without the user: what effects, views and messages call it. */
  readonly name: string;
  /** The epoch accepted last; 0 before the first. */
  epoch(): Promise<number>;
  /** Accepts `epoch` after whatever effect is being applied has ended; refused where one at least as high was accepted. */
  raise(epoch: number, operator: string): Promise<Raised>;
  /** Ends the connection; what runs on the host is not touched. */
  close(): Promise<void>;
}

export interface Raised {
  readonly accepted: boolean;
  /** The one in force now. */
  readonly epoch: number;
}

export interface About {
  readonly hostname: string;
  readonly user: string;
  readonly node: string;
  readonly platform: string;
  readonly version: string;
}

export interface ApplyRequest {
  readonly effect: Effect;
  readonly epoch: number;
  readonly goal: Goal;
}

export interface Live {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** Journal files as bytes: what they mean is for the operator to say. */
interface JournalEnd {
  /** Ids in the order they were begun. */
  journalIds(): Promise<readonly string[]>;
  /** Empty when there is none of that id. */
  readJournal(id: string): Promise<string>;
  /**
   * Writes `text` at byte `at` and syncs; what lies behind `at` is dropped when it is a torn line. Not written, and false,
   * when the file holds more, or less, or `epoch` is not the highest accepted here.
   */
  appendJournal(append: Append): Promise<boolean>;
}

export interface Append {
  readonly id: string;
  readonly at: number;
  readonly text: string;
  readonly epoch: number;
}

interface ShelfEnd {
  saveSettings(release: string, shelved: Shelved): Promise<void>;
  /** Problem RELEASE_SPEC_MISSING. */
  loadSettings(release: string): Promise<Shelved>;
}

interface LockEnd {
  /** Held until released or until this operator's connection is gone. Problems LOCK_HELD, LOCKED_BY_HAND. */
  holdLock(info: LockInfo): Promise<void>;
  releaseLock(): Promise<void>;
  lockState(): Promise<{ readonly holder: LockInfo | null; readonly byHand: HandLock | null }>;
  lockByHand(lock: HandLock): Promise<HandLock>;
  unlockByHand(): Promise<boolean>;
}
