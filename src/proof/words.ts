import type { Load } from "./load.ts";
import type { Progress } from "./prober.ts";
import type { ProofResult } from "./result.ts";

/** The clock that all processes of a machine share, for what a prober may hear of late. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Spoken with the prober's own process, one JSON object per line. The end of its stdin without a stop ends it at once. */
export type ProberCommand =
  | { readonly do: "start"; readonly load: Load }
  | { readonly do: "begin"; readonly name: string; readonly at: number }
  | { readonly do: "end"; readonly at: number }
  | { readonly do: "switching" | "switched" | "look" | "settle" }
  | { readonly do: "stop" };

export type ProberReport =
  | { readonly report: "started" }
  | { readonly report: "settled" }
  | ({ readonly report: "progress" } & Progress)
  | { readonly report: "look" | "result"; readonly result: ProofResult };
