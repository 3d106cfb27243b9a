import type { ProofConfig } from "../../config/proof.ts";
import { tryLane } from "../../proof/ask.ts";
import type { Lane } from "../../proof/load.ts";
import { sayTrying } from "../../proof/proof.ts";
import { lastingLanes, timeoutMs } from "./load.ts";
import type { Target } from "./target.ts";

interface Tried {
  readonly fit: readonly Lane[];
  /** A sentence for each that was left out. */
  readonly unfit: readonly string[];
}

/** What does not answer as it should before anything is changed is not asked, and costs the deployment nothing. */
export async function tryLasting(proof: ProofConfig, target: Target, isTakenUp: boolean): Promise<Tried> {
  const tried = await Promise.all(
    lastingLanes(proof).map(async (lane) => ({ lane, why: await tryLane(lane, target, timeoutMs) })),
  );
  return {
    fit: tried.filter(({ why }) => why === null).map(({ lane }) => lane),
    unfit: tried.flatMap(({ lane, why }) => (why === null ? [] : [sayUnfit(lane, why, isTakenUp)])),
  };
}

function sayUnfit(lane: Lane, why: string, isTakenUp: boolean): string {
  const what = { requests: "Uploads", events: "Streams", websocket: "WebSockets" }[lane.kind];
  return `${what} were not measured: ${sayTrying(isTakenUp)} ${lane.path ?? "/"} did not answer as it should (${why}).`;
}
