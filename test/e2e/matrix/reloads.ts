import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../../../src/proof/load.ts";
import type { ServiceSpec } from "../../../src/plan/spec.ts";
import type { ProofResult } from "../../../src/proof/result.ts";
import { freePort, load, mixedLanes } from "../bare.ts";
import { type Host, openHost, serviceSpec, versionFile } from "../host.ts";

export interface Trial {
  readonly run: readonly string[];
  readonly cwd: string;
  readonly reloads: number;
  readonly ratePerSecond?: number;
  readonly lanes?: readonly Lane[];
  readonly more?: Partial<ServiceSpec>;
  /** Pause between two reloads. */
  readonly pauseMs?: number;
}

export interface TrialResult {
  readonly proof: ProofResult;
  readonly reloadMs: readonly number[];
  readonly forced: number;
}

/** Starts a service, puts it under load, reloads it again and again, each time to a new version. */
export async function reloadUnderLoad(trial: Trial): Promise<TrialResult> {
  const host = await openHost();
  try {
    const port = await freePort();
    const version = versionFile(host);
    const { run, cwd } = trial;
    const env = { VERSION_FILE: version.path, NODE_ENV: "production", ...trial.more?.env };
    version.write("v0");
    const spec = serviceSpec(host, { run, cwd, port, ...trial.more, env });
    await host.start(spec);
    const lanes = [...mixedLanes(trial.ratePerSecond ?? 120, "/health"), ...(trial.lanes ?? [])];
    const prober = await load(port, lanes);
    await sleep(500);
    const reloadMs: number[] = [];
    let forced = 0;
    for (let i = 1; i <= trial.reloads; i++) {
      version.write(`v${i}`);
      prober.begin(`reload ${i}`);
      const startedAt = performance.now();
      const result = await host.reload("app/web", spec).catch(async (error: unknown) => {
        throw new Error(await describeTrouble(host, i, error), { cause: error });
      });
      reloadMs.push(performance.now() - startedAt);
      forced += result.forced;
      prober.end();
      await sleep(trial.pauseMs ?? 100);
    }
    await sleep(300);
    return { proof: await prober.stop(), reloadMs, forced };
  } finally {
    await host.close();
  }
}

/** Enough to tell a program that is at fault from a machine that had no time for it. */
async function describeTrouble(host: Host, reload: number, error: unknown): Promise<string> {
  const service = await host.service("app/web").catch(String);
  return [`Reload ${reload}: ${String(error)}`, JSON.stringify(service), pressure()].join("\n");
}

function pressure(): string {
  const [cpu, io, memory] = ["cpu", "io", "memory"].map((kind) => {
    try {
      return `${kind} ${/avg60=(\S+)/.exec(readFileSync(`/proc/pressure/${kind}`, "utf8"))?.[1]} %`;
    } catch {
      return `${kind} unknown`;
    }
  });
  return `Load ${loadavg().join(" ")}; waited in the last minute for ${cpu}, ${io}, ${memory}.`;
}

/** What one asks first when requests were lost: when, how many of how many, and whether anybody had time. */
export function circumstances({ proof }: TrialResult): string {
  const { total, lag, windows, lanes } = proof;
  const lost = windows.filter(({ during, after }) => during.failed + after.failed > 0);
  return [
    `${total.failed} of ${total.sent} requests failed in ${(proof.durationMs / 1000).toFixed(1)} s.`,
    ...lanes.map(({ lane, failed, sent }) => `${lane}: ${failed} of ${sent}.`),
    ...lost.map(
      ({ name, fromMs, toMs, during, after }) =>
        `${name}, ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms: ${during.failed} of ${during.sent}, then ${after.failed} of ${after.sent}.`,
    ),
    `The prober was late by ${lag.p99Ms} ms (p99), ${lag.maxMs} ms at most. ${pressure()}`,
  ].join("\n");
}

/** What a proof says about losses, short enough to read in a failed assertion. */
export function losses({ proof }: TrialResult): unknown {
  const { failed, failedBy } = proof.total;
  return { failed, failedBy, first: proof.failures.slice(0, 5) };
}

export const noLosses = { failed: 0, failedBy: {}, first: [] };

/** The last window's answers are all from the last version. */
export function lastVersions({ proof }: TrialResult): readonly string[] {
  return proof.windows.at(-1)?.versionsAfter ?? [];
}
