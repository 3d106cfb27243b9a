import { build } from "hdr-histogram-js";

/** Milliseconds with a resolution of a microsecond, exact to three digits whatever their number. */
export interface Latencies {
  record(ms: number): void;
  /** null: nothing was recorded. `share` between 0 and 1. */
  at(share: number): number | null;
  max(): number | null;
  /** Forgets all of them. */
  clear(): void;
}

export function latencies(): Latencies {
  const histogram = build({ numberOfSignificantValueDigits: 3, autoResize: true });
  return {
    record: (ms) => histogram.recordValue(Math.max(0, Math.round(ms * 1000))),
    at: (share) => (histogram.totalCount === 0 ? null : histogram.getValueAtPercentile(share * 100) / 1000),
    max: () => (histogram.totalCount === 0 ? null : histogram.maxValue / 1000),
    clear: () => histogram.reset(),
  };
}
