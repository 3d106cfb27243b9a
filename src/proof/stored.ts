import type { Proof } from "./proof.ts";
import type { Second, Stats } from "./result.ts";
import { proofShape } from "./stored-shape.ts";

/** A proof as any version kept it, or what it lacks to be one. */
export type Stored = { readonly proof: Proof } | { readonly lacks: readonly string[] };

/** Without these nothing can be said. */
const needed = ["verdict", "startedAt", "window", "before", "during", "after"] as const;
type Needed = (typeof needed)[number];
type Kept = Partial<Proof> & Pick<Proof, Needed>;

/** Where they are missing that is told, since what stands for them says nothing. */
const told = ["isEnded", "reasons", "lag", "lanes", "seconds", "failures"] as const;

/** Whoever measured the deployment may have been another version, which kept less. */
export function storedProof(kept: unknown): Stored {
  if (!isKept(kept)) return { lacks: lackOf(kept) };
  const earlier = (kept.earlier ?? []).map(storedProof);
  const damaged = earlier.flatMap((part) => ("lacks" in part ? part.lacks : []));
  if (damaged.length > 0) return { lacks: [...new Set(damaged)] };
  return {
    proof: complete(
      kept,
      earlier.flatMap((part) => ("proof" in part ? part.proof : [])),
    ),
  };
}

function isKept(kept: unknown): kept is Kept {
  return lackOf(kept).length === 0;
}

function lackOf(kept: unknown): readonly string[] {
  if (typeof kept !== "object" || kept === null) return needed;
  const known = new Map<string, unknown>(Object.entries(kept));
  const missing = needed.filter((field) => (known.get(field) ?? null) === null);
  return missing.length > 0 ? missing : proofShape(kept, "");
}

function complete(kept: Kept, earlier: readonly Proof[]): Proof {
  const { slotMs, seconds, window, reasons, ...whole } = { ...empty, ...kept };
  const isLagTold = Object.keys(empty.lag).every((field) => field in (kept.lag ?? {}));
  const missing = told.filter((field) => kept[field] === undefined || (field === "lag" && !isLagTold));
  const note = `Another version of cutover kept this proof, which does not tell: ${missing.join(", ")}.`;
  return {
    ...whole,
    window,
    slotMs,
    lag: isLagTold ? whole.lag : empty.lag,
    before: completeStats(whole.before),
    during: completeStats(whole.during),
    after: completeStats(whole.after),
    lanes: whole.lanes.map((lane) => ({ ...completeStats(lane), lane: lane.lane })),
    seconds: seconds.map(completeSecond),
    durationMs: whole.durationMs > 0 ? whole.durationMs : Math.max(window.toMs, seconds.length * slotMs),
    reasons: missing.length === 0 ? reasons : [...reasons, note],
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

/** A slot was always a second before its length was kept. */
const empty: Omit<Proof, Needed | "unasked" | "isUncounted" | "earlier" | "own"> = {
  deployment: "",
  url: "",
  isEnded: false,
  reasons: [],
  durationMs: 0,
  lanes: [],
  resolutionMs: null,
  lag: { p50Ms: 0, p99Ms: 0, maxMs: 0 },
  balancer: null,
  oldAnswers: null,
  slotMs: 1000,
  seconds: [],
  failures: [],
};

function completeStats(kept: Stats): Stats {
  const times = { longestGapMs: null, p50Ms: null, p99Ms: null, maxMs: null };
  return Object.assign(
    { sent: 0, answered: 0, failed: 0, failedBy: {}, failureShareBelow: 1, ...times },
    kept,
  );
}

function completeSecond(kept: Second): Second {
  return Object.assign({ answered: 0, failed: 0, p50Ms: null, p99Ms: null, versions: {} }, kept);
}
