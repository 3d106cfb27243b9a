import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test, type ExpectStatic } from "vitest";
import { freePort, load, mixedLanes } from "../bare.ts";
import { fixturesDirectory } from "../fixtures.ts";
import { openHost, type Host } from "../host.ts";

const fixtures = fixturesDirectory();

const faults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "crashes at boot": { CRASH_AT_BOOT: "1" },
  "crashes after 1.5 s": { CRASH_AFTER_MS: "1500" },
  "answers its health check with 500": { ALL_STATUS: "500" },
  "hangs and never listens": { NEVER_LISTEN: "1" },
};

const script = [join(fixtures, "http.cjs")];
const setups: Readonly<Record<string, readonly string[]>> = {
  "npm run start:prod": ["npm", "--", "run", "start:prod"],
  "-i 1": [...script, "-i", "1"],
  "-i 2": [...script, "-i", "2"],
  "-i 2 --wait-ready": [...script, "-i", "2", "--wait-ready"],
};

/** A directory as a developer has it: package.json and the settings of the present version. */
async function project(
  host: Host,
): Promise<{ readonly cwd: string; readonly release: (settings: object) => Promise<void> }> {
  const cwd = await mkdtemp(join(host.directory, "project-"));
  const scripts = { "start:prod": `node ${join(fixtures, "http.cjs")}` };
  await writeFile(join(cwd, "package.json"), JSON.stringify({ name: "shop", scripts }));
  return { cwd, release: (settings) => writeFile(join(cwd, "settings.json"), JSON.stringify(settings)) };
}

/** The research's 16 runs in which PM2 loses the good version every time, and says nothing. */
describe
  .runIf(existsSync(fixtures))
  .concurrent("a broken release under load: the old version serves on, exit 4", () => {
    for (const [setup, words] of Object.entries(setups)) {
      for (const [fault, settings] of Object.entries(faults)) {
        test(`${setup}, the new one ${fault}`, async ({ expect }) =>
          await expectOldServes(words, settings, expect));
      }
    }
  });

async function expectOldServes(
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
  check: ExpectStatic,
): Promise<void> {
  const host = await openHost();
  try {
    const port = await freePort();
    const { cwd, release } = await project(host);
    await release({ VERSION: "v1" });
    const at = words.indexOf("--");
    const [own, rest] = at < 0 ? [words, []] : [words.slice(0, at), words.slice(at)];
    const flags = ["--name", "web", "--health", "/health", "--listen-timeout", "5000"];
    const env = { PORT: String(port) };
    const started = await host.cutover(["start", ...own, ...healthless(words, flags), ...rest], { cwd, env });
    check([started.exit, started.stderr]).toEqual([0, ""]);
    const prober = await load(port, mixedLanes(60));
    await sleep(300);
    await release({ VERSION: "v2", ...settings });
    const reloaded = await host.cutover(["reload", "web"], { cwd, env });
    await sleep(1000);
    const proof = await prober.stop();
    check(reloaded.exit).toBe(4);
    check(proof.failures).toEqual([]);
    check(proof.versions.map(({ version }) => version)).toEqual(["v1"]);
    await release({ VERSION: "v3" });
    const recovered = await host.cutover(["reload", "web"], { cwd, env });
    check(recovered.exit).toBe(0);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    check(await answer.json()).toMatchObject({ version: "v3" });
  } finally {
    await host.close();
  }
}

/** --wait-ready and --health are two answers to one question. */
function healthless(words: readonly string[], flags: readonly string[]): readonly string[] {
  if (!words.includes("--wait-ready")) return flags;
  return flags.filter((flag) => flag !== "--health" && flag !== "/health");
}
