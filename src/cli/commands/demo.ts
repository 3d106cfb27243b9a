import { setTimeout as sleep } from "node:timers/promises";
import { exits, Problem, type Exit } from "../../problem.ts";
import type { ProofResult } from "../../proof/result.ts";
import { startProber, type ProberProcess } from "../../proof/start.ts";
import type { Command, Io } from "../command.ts";
import { runCutover, type Ran } from "../demo/cutover.ts";
import { breakHealth, copyShop, removeShop, writeVersion, type Shop } from "../demo/shop.ts";
import { stopSupervisor } from "../demo/supervisor.ts";
import { count, proofTable, verdict, type Step } from "../demo/table.ts";
import { shortDuration } from "../present/duration.ts";

const requestsPerSecond = 200;
const aroundMs = 2500;

export const command: Command = {
  summary: "put an application live here, replace it under load, break it, roll back",
  usage: "[--keep]",
  options: { keep: { type: "boolean" } },
  positionals: 0,
  async run(input, io) {
    const shop = await copyShop();
    const keeps = input.flags["keep"] === true;
    try {
      return await show(shop, io);
    } finally {
      await leave(shop, io, keeps);
    }
  },
};

async function show(shop: Shop, io: Io): Promise<Exit> {
  io.print(`A NestJS application goes live on this machine: ${shop.url}\n`);
  const first = await step(io, "Deploy version 1, npm install included", () =>
    runCutover(shop, ["deploy"], io.signal),
  );
  expectExit(first, exits.done, "version 1 goes live");
  const prober = await loadOn(shop);
  io.print(
    `   Load from now on: ${requestsPerSecond} requests a second, half on kept connections, half on fresh ones.`,
  );
  const steps: Step[] = [];
  let result: ProofResult | undefined;
  try {
    await sleep(aroundMs, undefined, { signal: io.signal });
    await underLoad(shop, io, prober, steps);
  } finally {
    result = await prober.stop();
  }
  io.print(`\n${proofTable(result, steps)}\n\n${verdict(result)}`);
  io.print(
    "before, during, after: p50/p99 in ms, counted from the time a request was due. No request was sent twice.",
  );
  io.result({ steps, proof: result });
  expectProof(result);
  return exits.done;
}

async function underLoad(shop: Shop, io: Io, prober: ProberProcess, steps: Step[]): Promise<void> {
  const act = async (title: string, name: string, words: readonly string[], exit: Exit): Promise<Ran> => {
    prober.begin(name);
    const ran = await step(io, title, () => runCutover(shop, words, io.signal));
    prober.end();
    steps.push({ name, exit: ran.exit, ms: ran.ms });
    expectExit(ran, exit, title.toLowerCase());
    await sleep(aroundMs, undefined, { signal: io.signal });
    return ran;
  };
  await writeVersion(shop, 2);
  await act("Deploy version 2", "deploy v2", ["deploy"], exits.done);
  await writeVersion(shop, 3);
  await breakHealth(shop);
  const broken = await act(
    "Deploy version 3, whose health check fails",
    "deploy v3",
    ["deploy"],
    exits.failedOldServes,
  );
  io.print(`   Refused: ${broken.problem?.what ?? ""}`);
  await act("Roll back to version 1", "roll back", ["rollback"], exits.done);
}

async function step(io: Io, title: string, act: () => Promise<Ran>): Promise<Ran> {
  io.emit({ event: "note", text: `${title} ...` });
  const ran = await act();
  io.print(`   exit ${ran.exit} after ${shortDuration(ran.ms)}`);
  return ran;
}

function loadOn(shop: Shop): Promise<ProberProcess> {
  const loop = { kind: "open", ratePerSecond: requestsPerSecond / 2 } as const;
  return startProber({
    url: shop.url,
    timeoutMs: 10_000,
    version: { field: "version" },
    lanes: [
      { kind: "requests", name: "kept connections", connection: "keep-alive", connections: 40, loop },
      { kind: "requests", name: "fresh connections", connection: "fresh", loop },
    ],
  });
}

function expectExit(ran: Ran, exit: Exit, what: string): void {
  if (ran.exit === exit) return;
  throw new Problem({
    code: "DEMO_FAILED",
    what: `The demo expected exit ${exit} (${what}) and got ${ran.exit}.`,
    why: ran.problem === undefined ? undefined : `${ran.problem.code}: ${ran.problem.what}`,
    evidence: ran.problem?.evidence,
    fix: ran.problem?.fix,
    state: "The demo's application and supervisor are removed.",
    exit: exits.bug,
  });
}

function expectProof(result: ProofResult): void {
  const answered = result.versions.map(({ version }) => version);
  if (result.verdict !== "lost" && !answered.includes("3")) return;
  throw new Problem({
    code: "DEMO_LOST_REQUESTS",
    what: `${count(result.total.failed)} requests were lost; versions that answered: ${answered.join(", ")}.`,
    evidence: result.failures.map(
      ({ lane, failure, detail, endMs }) => `${endMs.toFixed(0)} ms  ${lane}  ${failure}  ${detail}`,
    ),
    fix: "This is a bug in cutover: report it with the lines above.",
    state: "The demo's application and supervisor are removed.",
    exit: exits.bug,
  });
}

async function leave(shop: Shop, io: Io, keeps: boolean): Promise<void> {
  if (keeps) {
    io.print(
      `\nKept: ${shop.url} runs on. CUTOVER_HOME=${shop.home} ./cutover list shows it; "delete all" ends it.`,
    );
    return;
  }
  await stopSupervisor(shop.home);
  await removeShop(shop);
  io.print("\nStopped and removed. --keep would have left it running.");
}
