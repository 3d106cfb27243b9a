import type { Emit } from "../../plan/event.ts";
import type { Json } from "./messages.ts";

export interface CallLive {
  readonly emit?: Emit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A request to this side. The signal aborts when the other side cancels it, or is gone. */
export interface Incoming {
  readonly method: string;
  readonly params: readonly Json[];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export type Serve = (incoming: Incoming) => Promise<unknown>;

/** Why the signal of a request is aborted when the other side is gone; a cancellation has another reason. */
export const lostReason = "the other side is gone";
