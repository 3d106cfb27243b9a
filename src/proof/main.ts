#!/usr/bin/env node
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { runProber, type Prober } from "./prober.ts";
import { monotonicMs, type ProberCommand, type ProberReport } from "./words.ts";

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

function obey(prober: Prober, command: Exclude<ProberCommand, { do: "start" | "stop" }>): void {
  switch (command.do) {
    case "begin":
      return prober.begin(command.name, monotonicMs() - command.at);
    case "end":
      return prober.end(monotonicMs() - command.at);
    case "switching":
      return prober.switching();
    case "switched":
      return prober.switched();
    case "settle":
      return void prober.settle().then(() => tell({ report: "settled" }));
    case "look":
      return tell({ report: "look", result: prober.look() });
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
    } else if (command.do === "stop") {
      clearInterval(ticker);
      if (prober !== undefined) tell({ report: "result", result: await prober.stop() });
      return;
    } else if (prober !== undefined) obey(prober, command);
  }
  // Whoever started it is gone, so there is nobody to tell.
  process.exit();
}

await main();
