import type { JudgeSettings, SignalSettings } from "./settings.ts";
import { nothing, plus, type Table, type Tick } from "./tick.ts";

/** One request and what became of it. */
export interface Observation {
  /** When it ended, ms since the epoch. */
  readonly at: number;
  readonly arm: "canary" | "control";
  /** The process that answered, or its host where that is all one knows. */
  readonly instance: string;
  /** The client, connection or URL, of which many requests may fail for one reason; absent: independent of all others. */
  readonly source?: string | undefined;
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

/**
 * One bad event of a source stands for all of them, in whichever arm it came first: counting one per arm would favour the
 * arm that gets more of the traffic.
 */
function tableOf({ name }: SignalSettings, observations: readonly Observation[]): Table {
  const known = new Set<string>();
  let table: Table = { canary: nothing, control: nothing };
  for (const { arm, source, bad } of observations) {
    const isBad = bad[name];
    if (isBad === undefined || (isBad && source !== undefined && known.has(source))) continue;
    if (isBad && source !== undefined) known.add(source);
    table = { ...table, [arm]: plus(table[arm], { total: 1, bad: isBad ? 1 : 0 }) };
  }
  return table;
}
