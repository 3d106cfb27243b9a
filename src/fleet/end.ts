import type { Answered, Comparison } from "../plan/comparison.ts";
import type { Effect, Outcome } from "../plan/effect.ts";
import type { Emit } from "../plan/event.ts";
import type { HostView, Wish } from "../plan/fleet.ts";
import type { Goal } from "../plan/record.ts";
import type { SourceSpec } from "../plan/spec.ts";
import type { ProblemDetail } from "../problem.ts";
import type { BalancerView, Frontend, TrafficCounters } from "../plan/traffic.ts";
import type { ServiceStatus } from "../process/protocol.ts";
import type { Finding } from "../release/finding.ts";
import type { UploadPiece } from "../release/source/upload.ts";
import type { Revision } from "../release/revision.ts";
import type { HandLock, LockInfo } from "./deploy-lock.ts";
import type { Raised } from "./epoch.ts";
import type { Append, JournalFile } from "./journal-files.ts";
import type { ReleaseOnDisk } from "./release-on-disk.ts";
import type { Shelved } from "./shelf.ts";

/**
 * All that an operator asks of one app on one host: on this machine by a call, elsewhere over one connection to the agent
 * there. Arguments and answers are JSON; a Problem keeps its detail on the way. A lost connection throws CONNECTION_LOST.
 */
export interface HostEnd extends Fenced, JournalEnd, ProofEnd, ShelfEnd, LockEnd {
  readonly about: About;
  observe(): Promise<HostView>;
  /** `goal`: what the deployment under way wants; effects read it. Outcomes are as in the Fleet port. */
  apply(request: ApplyRequest, live: Live): Promise<Outcome>;
  /** Every app's services on the host; null: no supervisor runs. Starts nothing. */
  services(): Promise<readonly ServiceStatus[] | null>;
  preflight(intended: Intended): Promise<readonly Finding[]>;
  resolveRevision(source: SourceSpec): Promise<Revision>;
  /** Keyed by the host, so that it may be shown; null: no key there yet. */
  digestEnv(content: string): Promise<string | null>;
  /** Where a release lies, and whether its env file is still what was deployed. */
  releaseOnDisk(release: string): Promise<ReleaseOnDisk>;
  /** Whether the archive of a source lies there already. */
  hasUpload(key: string): Promise<boolean>;
  /** A piece of one that lies there; with the digest when it is the first. */
  readUpload(from: { readonly key: string; readonly at: number }): Promise<UploadPiece>;
  /** The pieces of one in order; whole when the last one is taken. Problems: DISK_SHORT, DISK_FULL, UPLOAD_TORN. */
  sendUpload(piece: UploadPiece): Promise<void>;
  /** Takes the id for a new release; false: it is taken here already. */
  reserveRelease(id: string): Promise<boolean>;
  /** Leaves it for the operator in charge, in place of an earlier one. */
  leaveWish(wish: Wish): Promise<void>;
  /** Takes it away when it is still the one that lies there. */
  clearWish(wish: Wish): Promise<void>;
}

/** All that an operator asks of one balancer for one app. */
export interface BalancerEnd extends Fenced {
  readonly about: About;
  observe(): Promise<BalancerView>;
  apply(request: ApplyRequest, live: Live): Promise<Outcome>;
  /** Empty: this balancer does not count. */
  counters(): Promise<readonly TrafficCounters[]>;
  /** Where clients reach the services; empty: that is not clear from the configuration. */
  frontends(): Promise<readonly Frontend[]>;
  /** What its operator should know before it is changed. Problems: TRAFFIC_*, where it could not be changed at all. */
  preflight(): Promise<readonly ProblemDetail[]>;
  /** Asks servers from the balancer's machine, past the balancer. Problem: COMPARE_ADDRESS. */
  compare(comparison: Comparison): Promise<readonly Answered[]>;
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

/** What a deployment will need on a host. */
interface Intended {
  readonly source: SourceSpec;
  /** Public ports of the services that cutover starts. */
  readonly ports: readonly IntendedPort[];
}

export interface IntendedPort {
  readonly service: string;
  readonly port: number;
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

/** Journal files as text: what it means is for the operator to say. */
interface JournalEnd {
  /** The newest `count` journals, oldest first. */
  journals(count: number): Promise<readonly JournalFile[]>;
  /** Empty when there is none of that id. */
  readJournal(id: string): Promise<string>;
  /** False: not written, because the file is not as long as said, or because `epoch` is not the one accepted here. */
  appendJournal(append: Append): Promise<boolean>;
}

/** What was measured during a deployment, as text beside its journal. */
interface ProofEnd {
  /** `epoch`: it is left as it is where another one is accepted; null: nothing was changed under any. */
  saveProof(id: string, text: string, epoch: number | null): Promise<void>;
  /** null: none of that id. */
  readProof(id: string): Promise<string | null>;
}

export interface LiveSettings {
  readonly release: string;
  readonly shelved: Shelved;
}

interface ShelfEnd {
  saveSettings(release: string, shelved: Shelved): Promise<void>;
  /** Problem RELEASE_SPEC_MISSING. */
  loadSettings(release: string): Promise<Shelved>;
  /** Of the live release; null: none is live, or it has none here. */
  liveSettings(): Promise<LiveSettings | null>;
}

interface LockEnd {
  /** Held until released or until this operator's connection is gone. Problems LOCK_HELD, LOCKED_BY_HAND. */
  holdLock(info: LockInfo): Promise<void>;
  releaseLock(): Promise<void>;
  lockState(): Promise<{ readonly holder: LockInfo | null; readonly byHand: HandLock | null }>;
  lockByHand(lock: HandLock): Promise<HandLock>;
  /** The lock that was taken away; null: there was none. */
  unlockByHand(): Promise<HandLock | null>;
}
