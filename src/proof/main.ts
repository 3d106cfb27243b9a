#!/usr/bin/env node
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { runProber, type Prober } from "./prober.ts";
import type { ProberCommand, ProberReport } from "./words.ts";

/** The prober as a process of its own, so that nobody's event loop delays it: NDJSON commands in, reports out. */
const progressMs = 500;

function tell(report: ProberReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** A build on the same machine delays the prober less; only root may. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    return;
  }
}

async function main(): Promise<void> {
  goFirst();
  // What reaches the whole group is for the one who started it to answer.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  let prober: Prober | undefined;
  let ticker: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const command: ProberCommand = JSON.parse(line);
    if (command.do === "start") {
      prober = runProber(command.load);
      ticker = setInterval(() => {
        if (prober !== undefined) tell({ report: "progress", ...prober.progress() });
      }, progressMs);
      tell({ report: "started" });
    } else if (command.do === "begin") prober?.begin(command.name);
    else if (command.do === "end") prober?.end();
    else if (command.do === "look") {
      if (prober !== undefined) tell({ report: "look", result: prober.look() });
    } else {
      clearInterval(ticker);
      if (prober !== undefined) tell({ report: "result", result: await prober.stop() });
      return;
    }
  }
  // Whoever started it is gone, so there is nobody to tell.
  process.exit();
}

await main();
