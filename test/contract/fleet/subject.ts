import type { ChildProcess } from "node:child_process";
import type { HostEnd } from "../../../src/fleet/end.ts";
import type { Outcome } from "../../../src/plan/effect.ts";
import type { Wish } from "../../../src/plan/fleet.ts";
import type { Fleet, Journal } from "../../../src/plan/fleet-port.ts";

/** One adapter of the Fleet port under the contract. */
export interface FleetSubject {
  readonly name: string;
  /** Why it cannot be tested here; undefined: it can. */
  readonly missing?: string | undefined;
  open(): Promise<Site>;
}

/** The hosts web1 and web2 and the balancer lb1, on which nothing is deployed yet; they outlive the operators. */
export interface Site {
  /** Somebody new who wants to deploy `goal` of releases.ts. */
  operator(): Promise<Operator>;
  leaveWish(wish: Wish): Promise<void>;
  /** What a crash in the middle of an append leaves behind a journal, on every host. */
  tear(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Operator {
  readonly fleet: Fleet;
  journal(id: string): Journal;
  /** Has an effect applied whose reply never comes. */
  loseReply(epoch: number): Promise<Outcome>;
  close(): Promise<void>;
}

/** What only hosts with processes and files have. */
export interface EndSite extends Site {
  operator(): Promise<EndOperator>;
  /** A program of its own that holds the lock of web1, and has said so. */
  holder(): Promise<ChildProcess>;
}

export interface EndOperator extends Operator {
  readonly hosts: readonly [HostEnd, HostEnd];
}

export interface EndSubject extends FleetSubject {
  open(): Promise<EndSite>;
}
