import { certainOutageMs } from "../../proof/proof.ts";
import type { ProofResult, Stats, WindowResult } from "../../proof/result.ts";

/** Rows of cells as aligned lines: the first column to the left, figures to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
  return lines.map((line) => line.trimEnd()).join("\n");
}

export interface Step {
  readonly name: string;
  readonly exit: number;
  readonly ms: number;
}

/** One line per step: what was sent and lost while it ran, and the latency around it. */
export function proofTable(result: ProofResult, steps: readonly Step[]): string {
  const head = ["", "exit", "took", "sent", "lost", "gap", "before", "during", "after", "serves"];
  const rows = steps.map((step) => {
    const window = result.windows.find(({ name }) => name === step.name);
    return window === undefined ? [step.name] : row(step, window);
  });
  return table([head, ...rows]);
}

function row(step: Step, window: WindowResult): string[] {
  const { before, during, after } = window;
  return [
    step.name,
    String(step.exit),
    `${(step.ms / 1000).toFixed(1)} s`,
    count(during.sent),
    count(during.failed),
    `${milliseconds(during.longestGapMs)} ms`,
    quantiles(before),
    quantiles(during),
    quantiles(after),
    window.versionsAfter.map((version) => `v${version}`).join(", "),
  ];
}

/** "1.2/3.4", p50 and p99 in milliseconds. */
function quantiles({ p50Ms, p99Ms }: Stats): string {
  return p50Ms === null || p99Ms === null ? "-" : `${milliseconds(p50Ms)}/${milliseconds(p99Ms)}`;
}

function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** What the whole run proves, in words. */
export function verdict(result: ProofResult): string {
  const { total, lag, resolutionMs } = result;
  const outageMs = certainOutageMs(resolutionMs, lag);
  const share = `${(total.failureShareBelow * 100).toPrecision(1)} %`;
  const lost = `${count(total.failed)} of ${count(total.sent)} requests lost`;
  const lines = [
    total.failed === 0 ? `${lost} (with 95 % confidence fewer than ${share} would be).` : `${lost}.`,
    ...(outageMs === null ? [] : [`An outage longer than ${milliseconds(outageMs)} ms would have shown.`]),
    `The client itself was at most ${milliseconds(lag.p99Ms)} ms late (p99).`,
    ...(result.verdict === "inconclusive"
      ? ["That is too late for a proof on this machine: inconclusive."]
      : []),
  ];
  return lines.join("\n");
}
