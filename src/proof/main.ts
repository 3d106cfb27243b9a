#!/usr/bin/env node
import { createInterface } from "node:readline";
import { runProber, type Prober } from "./prober.ts";
import type { ProberCommand, ProberReport } from "./words.ts";

/** The prober as a process of its own, so that nobody's event loop delays it: NDJSON commands in, reports out. */
const progressMs = 500;

function tell(report: ProberReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

async function main(): Promise<void> {
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
    else break;
  }
  clearInterval(ticker);
  if (prober !== undefined) tell({ report: "result", result: await prober.stop() });
}

await main();
