import { chmod, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Routing } from "../../plan/traffic.ts";
import { readText, replaceFile } from "../file.ts";
import { runShell } from "../shell.ts";
import { type Files, includeFiles } from "./include.ts";
import type { Configuration } from "./look.ts";
import { notInForce, notIncluded, notReloaded, rejected, unfitRouting } from "./problems.ts";
import { acceptingWorkers, askState, settle } from "./running.ts";
import type { Setup } from "./setup.ts";
import { liveTree, point, pruneTrees, readTree, writeTree } from "./tree.ts";

const shellMs = 20_000;

/** Links only, where nginx knows the servers and the cohort's match already; else its files and a reload before. */
export async function writeRouting(
  setup: Setup,
  configuration: Configuration,
  routing: Routing,
): Promise<void> {
  refuseUnknown(setup, routing);
  const { upstreams } = configuration;
  const files = includeFiles(setup, upstreams, routing.cohort?.match ?? setup.match);
  const running = await askState(setup);
  if (running.digest !== files.digest || !(await isOnDisk(files))) {
    await load(setup, files, async () => {
      const now = await readTree(setup.directory);
      // The match that goes must not choose servers by what the next one finds.
      if (now?.cohort !== undefined) await writeTree(setup.directory, upstreams, { weights: now.weights });
    });
  }
  const before = await liveTree(setup.directory);
  const isSame = isDeepStrictEqual(await readTree(setup.directory), routing);
  const tree = await writeTree(setup.directory, upstreams, routing);
  const seen = await askState(setup);
  if (seen.tree !== tree) {
    if (before !== null) await point(setup.directory, before);
    throw notInForce(setup, seen.tree);
  }
  if (!isSame) await pruneTrees(setup.directory, [tree, before ?? ""]);
}

function refuseUnknown(setup: Setup, { weights, cohort }: Routing): void {
  const known = new Set(Object.keys(setup.servers));
  const named = [...Object.values(weights).flatMap((own) => Object.keys(own)), ...(cohort?.servers ?? [])];
  const unknown = named.find((server) => !known.has(server));
  if (unknown !== undefined)
    throw unfitRouting(`The routing names a server that the config does not: ${unknown}.`);
  const services = new Set(setup.backends.map(({ service }) => service));
  const other = Object.keys(weights).find((service) => !services.has(service));
  if (other !== undefined) throw unfitRouting(`The routing names a service without a backend: ${other}.`);
}

async function isOnDisk({ contents }: Files): Promise<boolean> {
  for (const [path, content] of Object.entries(contents))
    if ((await readText(path)) !== content) return false;
  return true;
}

/** Files, test, reload, and the workers of before gone; on a refusal everything as it was. */
async function load(setup: Setup, files: Files, prepare: () => Promise<void>): Promise<void> {
  const restore = await replaceAll(files);
  const tested = await runShell(`${setup.command} -t`, shellMs);
  if (!tested.isOk) {
    await restore();
    throw rejected(setup, tested.lines);
  }
  const before = await liveTree(setup.directory);
  await prepare();
  const { pid } = await askState(setup);
  const workers = await acceptingWorkers(pid);
  const reloaded = await runShell(setup.reload, shellMs);
  if (reloaded.isOk && (await settle(setup, files.digest, workers))) return;
  await restore();
  if (before !== null) await point(setup.directory, before);
  await runShell(setup.reload, shellMs);
  throw notReloaded(setup, reloaded.lines.at(-1));
}

/** Writes the files, and answers how to have them as they were. */
async function replaceAll({ contents }: Files): Promise<() => Promise<void>> {
  const before: (readonly [string, string | null])[] = [];
  const restore = async (): Promise<void> => {
    for (const [path, content] of before)
      await (content === null ? rm(path, { force: true }) : replaceFile(path, content));
  };
  try {
    for (const [path, content] of Object.entries(contents)) {
      before.push([path, await readText(path)]);
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await replaceFile(path, content);
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}

/** The first files, with the weights as they are, for an nginx that does not use them yet. Problem: TRAFFIC_LINES_MISSING. */
export async function install(setup: Setup, { upstreams, files }: Configuration): Promise<void> {
  const wanted = includeFiles(setup, upstreams, setup.match);
  const missing = [setup.include, ...setup.backends.map(({ location }) => location)].filter(
    (path) => !files.includes(path),
  );
  if (missing.length === 0) return;
  if ((await readText(setup.include)) === null) {
    const weights = upstreams.map(({ backend, servers }) => {
      const own = Object.entries(servers).map(([server, { weight }]) => [server, weight] as const);
      return [backend.service, Object.fromEntries(own)] as const;
    });
    await mkdir(setup.directory, { recursive: true });
    await chmod(setup.directory, 0o755);
    await writeTree(setup.directory, upstreams, { weights: Object.fromEntries(weights) });
    const restore = await replaceAll(wanted);
    const tested = await runShell(`${setup.command} -t`, shellMs);
    if (!tested.isOk) {
      await restore();
      throw rejected(setup, tested.lines);
    }
  }
  throw notIncluded(setup, missing);
}
