import { weightOf } from "./burst.ts";
import type { JudgeSettings, SignalSettings } from "./settings.ts";
import type { Count, Table, Tick } from "./tick.ts";

/** One request and what became of it. */
export interface Observation {
  /** When it ended, ms since the epoch. */
  readonly at: number;
  /** When it should have been sent. */
  readonly dueAt: number;
  readonly arm: "canary" | "control";
  /** The process that answered, or its host where that is all one knows. */
  readonly instance: string;
  /** Signal -> was it bad; a signal it says nothing about is left out (no latency without an answer). */
  readonly bad: Readonly<Record<string, boolean>>;
}

/** Which processes have been seen for how long; carried from tick to tick. Serialisable. */
export type Warmth = Readonly<Record<string, { readonly since: number; readonly requests: number }>>;

const coldRequests = 20;

/** Counts the observations of one tick, which are in the order in which they ended. */
export function countTick(
  observations: readonly Observation[],
  from: { readonly at: number; readonly warmth: Warmth; readonly settings: JudgeSettings },
): { readonly tick: Tick; readonly warmth: Warmth } {
  const warmth = { ...from.warmth };
  const isWarm = observations.map(({ instance, at }) => {
    const { since, requests } = warmth[instance] ?? { since: at, requests: 0 };
    warmth[instance] = { since, requests: requests + 1 };
    return requests >= coldRequests && at - since >= from.settings.coldMs;
  });
  const warm = observations.filter((_, i) => isWarm[i]);
  const tables = from.settings.signals.map((signal) => [
    signal.name,
    tableOf(signal, signal.needsWarmth ? warm : observations),
  ]);
  return { tick: { at: from.at, signals: Object.fromEntries(tables) }, warmth };
}

function tableOf({ name }: SignalSettings, observations: readonly Observation[]): Table {
  const counted = observations.filter(({ bad }) => bad[name] !== undefined);
  const count = (arm: Observation["arm"]): Count => {
    const own = counted.filter((one) => one.arm === arm);
    return { total: own.length, bad: own.filter(({ bad }) => bad[name]).length };
  };
  return { canary: count("canary"), control: count("control"), weight: weightOf(counted, name) };
}
