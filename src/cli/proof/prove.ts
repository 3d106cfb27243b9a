import type { Result } from "../../execute/loop.ts";
import type { Effect } from "../../plan/effect.ts";
import type { BeforeEffect } from "../deployment/fleet.ts";
import type { Io } from "../command.ts";
import { type Earlier, withEarlier } from "../../proof/parts.ts";
import { keepProof } from "./keep.ts";
import { measure, type Measured, type Proving } from "./measure.ts";
import { proofLines } from "./text.ts";

export interface Proved extends Result {
  /** null: measuring is turned off. */
  readonly measured: Measured | null;
}

/** Measures a deployment all through `run`, and keeps and prints the proof. It may delay the first change by an instant. */
export async function proving(
  about: Omit<Proving, "env">,
  io: Io,
  run: (before: BeforeEffect) => Promise<Result>,
): Promise<Proved> {
  const { proof } = about.config;
  if (proof === undefined) return { ...(await run(() => Promise.resolve())), measured: null };
  const measurement = measure({ ...about, env: io.env }, proof);
  const before: BeforeEffect = async (effect) => {
    if (isChange(effect)) await measurement.begin();
  };
  const result = await run(before).catch(async (error: unknown) => {
    await measurement.finish(undefined, io.signal);
    throw error;
  });
  const own = await measurement.finish(result, io.signal);
  const measured = about.earlier === undefined ? own : together(own, about.earlier);
  await tell(about, io, { id: result.goal.id, measured });
  return { ...result, measured };
}

/** Whatever may be felt by clients; filling the directory of a release is not. */
export function isChange({ layer, verb }: Effect): boolean {
  return layer !== "release" || verb === "switch";
}

/** What an earlier run has shown is not forgotten because a later one was not measured. */
function together(own: Measured, earlier: Earlier): Measured {
  if ("verdict" in own) return withEarlier(own, earlier);
  const last = earlier.proofs.at(-1);
  if (last === undefined) return own;
  const now = Date.now();
  const proofs = earlier.proofs.slice(0, -1);
  return withEarlier(last, { proofs, unmeasured: earlier.unmeasured ?? { from: now, to: now } });
}

async function tell(
  about: Pick<Proving, "hosts">,
  io: Io,
  { id, measured }: { readonly id: string; readonly measured: Measured },
): Promise<void> {
  const kept = await keepProof(about.hosts, id, measured).catch((error: unknown) => {
    warn(io, error instanceof Error ? error.message : String(error));
    return measured;
  });
  if ("verdict" in kept) {
    io.result({ proof: kept });
    for (const line of proofLines(kept)) io.print(line);
    return;
  }
  const { unmeasured, fix } = kept;
  io.result({ proof: null, unmeasured });
  if (fix === undefined) io.emit({ event: "note", text: `Not measured: ${unmeasured}.` });
  else warn(io, unmeasured, fix);
}

/** A proof that cannot be made or kept fails no deployment. */
function warn(io: Io, why: string, fix?: string): void {
  const problem = {
    code: "PROOF_FAILED",
    what: `The deployment was not measured: ${why.replace(/\.$/, "")}.`,
    fix,
    state: "The deployment itself is not affected.",
  };
  io.emit({ event: "warning", problem });
}
