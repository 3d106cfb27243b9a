import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { exits, Problem, type Exit, type ProblemDetail } from "../../problem.ts";
import type { Load } from "../../proof/load.ts";
import type { Progress } from "../../proof/prober.ts";
import type { ProofResult } from "../../proof/result.ts";
import { startProber, type ProberProcess } from "../../proof/start.ts";
import type { Command, Io } from "../command.ts";
import { runCutover, type Ran } from "../demo/cutover.ts";
import { breakHealth, copyShop, removeShop, writeVersion, type Shop } from "../demo/shop.ts";
import { stopSupervisor } from "../demo/supervisor.ts";
import { count, proofTable, verdict, type Step } from "../demo/table.ts";
import { shortDuration } from "../present/duration.ts";
import { wrap } from "../present/wrap.ts";

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
  io.print("A NestJS application goes live on this machine and changes while it is asked.\n");
  const first = await step(io, "1  Deploy version 1, its npm install included", () =>
    runCutover(shop, ["deploy"], io.signal),
  );
  expectExit(first, exits.done, "version 1 goes live");
  io.print(`   live at ${shop.url} after ${shortDuration(first.ms)}`);
  const seen: Seen = { progress: undefined };
  const prober = await loadOn(shop, seen);
  io.print(`   from now on ${requestsPerSecond} requests a second, half of them on fresh connections`);
  const steps: Step[] = [];
  let result: ProofResult | undefined;
  try {
    await pause(io);
    await underLoad({ shop, io, prober, seen, steps });
  } finally {
    result = await prober.stop();
  }
  io.print(`\n${proofTable(result, steps)}\n\n${verdict(result)}`);
  io.print(
    "gap: the longest without an answer. before, during, after: p50/p99 in ms,\ncounted from the moment a request was due. No request was sent twice.",
  );
  io.result({ steps, proof: result });
  expectProof(result);
  return exits.done;
}

interface Seen {
  progress: Progress | undefined;
}

interface Stage {
  readonly shop: Shop;
  readonly io: Io;
  readonly prober: ProberProcess;
  readonly seen: Seen;
  readonly steps: Step[];
}

async function underLoad(stage: Stage): Promise<void> {
  const { shop, io } = stage;
  await writeVersion(shop, 2);
  const second = await act(stage, "2  Deploy version 2", {
    name: "deploy v2",
    words: ["deploy"],
    exit: exits.done,
  });
  io.print(`   live after ${shortDuration(second.ms)}; ${soFar(stage)}`);
  await writeVersion(shop, 3);
  await breakHealth(shop);
  const broken = await act(stage, "3  Deploy version 3, whose health check fails", {
    name: "deploy v3",
    words: ["deploy"],
    exit: exits.failedOldServes,
  });
  io.print(`   refused after ${shortDuration(broken.ms)}, exit ${broken.exit}; ${soFar(stage)}`);
  for (const line of reasons(broken.problem))
    io.print(`   | ${wrap(line, io.isTerminal ? 78 : Infinity, 5)}`);
  const back = await act(stage, "4  Roll back to version 1", {
    name: "roll back",
    words: ["rollback"],
    exit: exits.done,
  });
  io.print(`   live after ${shortDuration(back.ms)}; ${soFar(stage)}`);
}

async function act(
  stage: Stage,
  title: string,
  command: { readonly name: string; readonly words: readonly string[]; readonly exit: Exit },
): Promise<Ran> {
  const { shop, io, prober, steps } = stage;
  prober.begin(command.name);
  const ran = await step(io, title, () => runCutover(shop, command.words, io.signal));
  prober.end();
  steps.push({ name: command.name, exit: ran.exit, ms: ran.ms });
  expectExit(ran, command.exit, title.slice(3).toLowerCase());
  await pause(io);
  return ran;
}

async function step(io: Io, title: string, run: () => Promise<Ran>): Promise<Ran> {
  io.emit({ event: "note", text: title });
  return await run();
}

/** Long enough for the latency before and after a step to be told. */
async function pause(io: Io): Promise<void> {
  await sleep(aroundMs, undefined, { signal: io.signal });
}

function soFar({ seen: { progress } }: Stage): string {
  return progress === undefined
    ? "no answers yet"
    : `${count(progress.sent)} requests so far, ${count(progress.failed)} lost`;
}

/** Why a release was refused: the sentence, the probe's last answer, the log line that names an error, the present state. */
function reasons(problem: ProblemDetail | undefined): readonly string[] {
  if (problem === undefined) return [];
  const { what, why, state, evidence = [] } = problem;
  const plain = evidence.map(stripVTControlCharacters);
  const line = plain.find((text) => !text.startsWith("probe:") && /\berror\b/i.test(text));
  return [what, why, line?.trim(), state].filter((text) => text !== undefined);
}

function loadOn(shop: Shop, seen: Seen): Promise<ProberProcess> {
  const loop = { kind: "open", ratePerSecond: requestsPerSecond / 2 } as const;
  const load: Load = {
    url: shop.url,
    timeoutMs: 10_000,
    version: { field: "version" },
    lanes: [
      { kind: "requests", name: "kept connections", connection: "keep-alive", connections: 40, loop },
      { kind: "requests", name: "fresh connections", connection: "fresh", loop },
    ],
  };
  return startProber(load, { onProgress: (progress) => (seen.progress = progress) });
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
