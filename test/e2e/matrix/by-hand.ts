import { writeFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../../../src/proof/load.ts";
import type { ProofResult } from "../../../src/proof/result.ts";
import { freePort, load, mixedLanes } from "../bare.ts";
import { fixturesDirectory } from "../fixtures.ts";
import { openHost } from "../host.ts";

/** A row of the table that PM2 loses requests in, with cutover in its place. */
export interface Row {
  /** What a user types after `cutover start`; APP stands for the application's file. */
  readonly start: string;
  readonly verb: "reload" | "restart";
  readonly app?: "http.cjs" | "express.cjs";
  readonly env?: Readonly<Record<string, string>>;
  readonly times: number;
  readonly lanes?: readonly Lane[];
}

export interface RowResult {
  readonly proof: ProofResult;
  readonly exits: readonly number[];
  readonly printed: string;
  readonly verbMs: readonly number[];
}

export async function playRow(row: Row, ratePerSecond: number): Promise<RowResult> {
  const host = await openHost();
  try {
    const port = await freePort();
    const app = join(fixturesDirectory(), row.app ?? "http.cjs");
    const cwd = await mkdtemp(join(host.directory, "project-"));
    const scripts = { "start:prod": `node ${app}` };
    await writeFile(join(cwd, "package.json"), JSON.stringify({ name: "shop", scripts }));
    const version = join(cwd, "VERSION");
    writeFileSync(version, "v0");
    const env = { PORT: String(port), VERSION_FILE: version, ...row.env };
    const words = `start ${row.start}`.split(" ").map((word) => (word === "APP" ? app : word));
    const at = words.indexOf("--");
    words.splice(at < 0 ? words.length : at, 0, "--name", "web");
    const started = await host.cutover(words, { cwd, env });
    const exits = [started.exit];
    let printed = started.stdout + started.stderr;
    const prober = await load(port, [...mixedLanes(ratePerSecond), ...(row.lanes ?? [])]);
    await sleep(500);
    const verbMs: number[] = [];
    for (let i = 1; i <= row.times; i++) {
      writeFileSync(version, `v${i}`);
      prober.begin(`${row.verb} ${i}`);
      const ran = await host.cutover([row.verb, "web"], { cwd, env });
      prober.end();
      exits.push(ran.exit);
      verbMs.push(ran.ms);
      printed += ran.stdout + ran.stderr;
      await sleep(300);
    }
    return { proof: await prober.stop(), exits, printed, verbMs };
  } finally {
    await host.close();
  }
}
