import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/load.ts";
import type { Result } from "../../execute/loop.ts";
import type { BalancerEnd, HostEnd } from "../../fleet/end.ts";
import type { CutoverEvent } from "../../plan/event.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { TrafficCounters } from "../../plan/traffic.ts";
import { isProblem } from "../../problem.ts";
import { maskedBetween, proofOf, type Masked, type Proof } from "../../proof/proof.ts";
import { startProber, type ProberProcess } from "../../proof/start.ts";
import type { Io } from "../command.ts";
import { proofLoad } from "./load.ts";
import { proofLines } from "./text.ts";

export interface Proving {
  readonly config: Config;
  readonly spec: AppSpec;
  readonly hosts: readonly HostEnd[];
  readonly balancers: readonly BalancerEnd[];
}

/** How late the prober may be (p99) before its word counts for nothing. */
const maxLagMs = 25;
const beforeMs = 500;
const afterMs = 1000;
/** Copies of the proof, as there are of the journal. */
const copies = 3;

/** Runs a deployment with the io that it has to tell its events to, measures it, and keeps and prints the proof. */
export async function proving(about: Proving, io: Io, run: (io: Io) => Promise<Result>): Promise<Result> {
  const measurement = await startMeasuring(about, io);
  if (measurement === null) return await run(io);
  let result: Result | undefined;
  try {
    result = await run(listening(io, (event) => measurement.onEvent(event)));
    return result;
  } finally {
    const proof = await measurement.finish(result).catch((error: unknown) => warn(io, error));
    if (proof !== null) await tell(about, io, proof);
  }
}

interface Measurement {
  onEvent(event: CutoverEvent): void;
  /** null: nothing was changed, or nothing served before. */
  finish(result: Result | undefined): Promise<Proof | null>;
}

async function startMeasuring(about: Proving, io: Io): Promise<Measurement | null> {
  const { proof } = about.config;
  if (proof === undefined) return null;
  const prospect = proofLoad(about.config, proof, about.spec);
  if (prospect.load === null) {
    io.emit({ event: "note", text: `No proof: ${prospect.why}.` });
    return null;
  }
  const { load, url } = prospect;
  const started = await startProber(load).catch((error: unknown) => warn(io, error));
  if (started === null) return null;
  const [before] = await Promise.all([countersOf(about), sleep(beforeMs)]);
  return measuring(started, { about, io, url, before });
}

interface Started {
  readonly about: Proving;
  readonly io: Io;
  readonly url: string;
  readonly before: readonly TrafficCounters[] | null;
}

function measuring(prober: ProberProcess, { about, io, url, before }: Started): Measurement {
  let isFirst = false;
  let isChanging = false;
  return {
    onEvent(event) {
      if (event.event === "begin") isFirst = event.goal.previous === null;
      if (isChanging || !isChange(event)) return;
      isChanging = true;
      prober.begin("deployment");
    },
    async finish(result) {
      prober.end();
      const isWorth = isChanging && !isFirst && result !== undefined;
      if (isWorth && !io.signal.aborted) await sleep(afterMs);
      const measured = await prober.stop();
      if (!isWorth) return null;
      const after = before === null ? null : await countersOf(about);
      const balancer: Masked | null = before === null || after === null ? null : maskedBetween(before, after);
      return proofOf(measured, {
        deployment: result.goal.id,
        url,
        serves: servesOf(result),
        balancer,
        maxLagMs,
      });
    },
  };
}

/** Whatever may be felt by clients; filling the directory of a release is not. */
function isChange(event: CutoverEvent): boolean {
  if (event.event !== "effect") return false;
  return event.effect.layer !== "release" || event.effect.verb === "switch";
}

function servesOf({ goal, end }: Result): string | null {
  if (end === "new") return goal.release;
  return end === "old" ? goal.previous : null;
}

/** null: none is driven, or one does not count. */
async function countersOf({ balancers }: Proving): Promise<readonly TrafficCounters[] | null> {
  if (balancers.length === 0) return null;
  const counters = await Promise.all(balancers.map((end) => end.counters().catch(() => null)));
  return counters.includes(null) ? null : counters.flatMap((one) => one ?? []);
}

async function tell(about: Proving, io: Io, proof: Proof): Promise<void> {
  io.result({ proof });
  for (const line of proofLines(proof)) io.print(line);
  const text = `${JSON.stringify(proof)}\n`;
  const kept = about.hosts.slice(0, copies).map((end) => end.saveProof(proof.deployment, text));
  await Promise.all(kept).catch((error: unknown) => warn(io, error));
}

/** A proof that cannot be made or kept fails no deployment. */
function warn(io: Io, error: unknown): null {
  const why = error instanceof Error ? error.message : String(error);
  const problem = {
    code: "PROOF_FAILED",
    what: `The deployment could not be measured: ${why}`,
    ...(isProblem(error) ? { fix: error.detail.fix } : {}),
    state: "The deployment itself is not affected.",
  };
  io.emit({ event: "warning", problem });
  return null;
}

/** The same io, whose events are heard too. */
function listening(io: Io, onEvent: (event: CutoverEvent) => void): Io {
  const emit = (event: CutoverEvent): void => {
    onEvent(event);
    io.emit(event);
  };
  return Object.create(io, { emit: { value: emit } });
}
