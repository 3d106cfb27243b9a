import { isDeepStrictEqual } from "node:util";
import type { Routing, Weights } from "../../plan/traffic.ts";
import { isProblem, type ProblemDetail } from "../../problem.ts";
import { readText } from "../file.ts";
import { linesAdded, reloadLoses } from "../notices.ts";
import { type Links, liveTree, point, pruneTrees, readTree, writeTree } from "../links/tree.ts";
import { areOnDisk } from "../files.ts";
import { refuseUnknown } from "../unknown.ts";
import { buckets, includeFiles } from "./include.ts";
import { load } from "./load.ts";
import type { Configuration, Upstream } from "./look.ts";
import { linesMissing, notInForce } from "./problems.ts";
import { askState } from "./running.ts";
import type { Setup } from "./setup.ts";
import { wired, type Wiring } from "./wiring.ts";

/** Links only, where nginx knows the servers and the cohort's match already; else its files and a reload before. */
export async function writeRouting(
  setup: Setup,
  configuration: Configuration,
  routing: Routing,
): Promise<void> {
  refuseUnknown(setup, routing);
  const links = linksOf(setup, configuration);
  const files = includeFiles(setup, configuration, routing.cohort?.match ?? setup.match);
  const running = await askState(setup);
  if (running.digest !== files.digest || !(await areOnDisk(files.contents))) {
    await load(setup, files, async () => {
      const now = await readTree(setup.directory);
      // The match that goes must not choose servers by what the next one finds.
      if (now?.cohort !== undefined) await writeTree(links, { weights: now.weights });
    });
  }
  const before = await liveTree(setup.directory);
  const isSame = isDeepStrictEqual(await readTree(setup.directory), routing);
  const tree = await writeTree(links, routing);
  const seen = await askState(setup);
  if (seen.tree !== tree) {
    if (before !== null) await point(setup.directory, before);
    throw notInForce(setup, seen.tree);
  }
  if (!isSame) await pruneTrees(setup.directory, [tree, before ?? ""]);
}

function linksOf({ directory }: Setup, { upstreams }: Configuration): Links {
  const routed = upstreams.map(({ backend: { service, prefix }, servers }) => {
    return { service, prefix, servers: Object.keys(servers) };
  });
  return { directory, buckets, routed };
}

export function isInstalled({ wiring, files }: Configuration, setup: Setup): boolean {
  return wiring.unwired.length === 0 && files.includes(setup.include);
}

/** What the next change would do beside a routing. Problem: TRAFFIC_LINES_MISSING. */
export async function noticesOf(
  setup: Setup,
  configuration: Configuration,
): Promise<readonly ProblemDetail[]> {
  const own = includeFiles(setup, configuration, setup.match);
  if (isInstalled(configuration, setup) && (await askState(setup)).digest === own.digest) return [];
  const loses = reloadLoses(
    "nginx is reloaded once before this change, and its old workers close idle connections of clients at once",
    "cutover's lines, the servers or the cohort's match are new to it. Weights and cohorts change without that.",
    "Deploy at a quiet moment if that matters.",
  );
  if (isInstalled(configuration, setup)) return [loses];
  const lines = await linesOf(setup, configuration);
  const files = Object.entries(lines).map(async ([path, after]) => {
    return [path, { before: (await readText(path)) ?? "", after }] as const;
  });
  return [linesAdded("nginx", Object.fromEntries(await Promise.all(files))), loses];
}

async function linesOf(
  setup: Setup,
  { wiring, files }: Configuration,
): Promise<Readonly<Record<string, string>>> {
  const lines = await wired(setup, wiring, files);
  if (lines === null) throw linesMissing(setup, wiring, "They are not written in a way that cutover knows.");
  return lines;
}

/** Puts cutover's lines into the operator's files; nothing changes for requests. Problem: TRAFFIC_LINES_MISSING. */
export async function install(setup: Setup, configuration: Configuration): Promise<void> {
  const { upstreams, wiring } = configuration;
  const own = includeFiles(setup, configuration, setup.match);
  const lines = await linesOf(setup, configuration);
  try {
    if ((await liveTree(setup.directory)) === null)
      await writeTree(linksOf(setup, configuration), { weights: presentWeights(upstreams) });
    await load(setup, { ...own, contents: { ...own.contents, ...lines } });
  } catch (error) {
    throw notInstalled(setup, wiring, error);
  }
}

/** Files that may not be written, or lines that nginx does not accept where cutover puts them, are for the operator to write. */
function notInstalled(setup: Setup, wiring: Wiring, error: unknown): unknown {
  if (isProblem(error)) {
    const { code, why } = error.detail;
    return code === "TRAFFIC_CONFIG_REJECTED" && why !== undefined ? linesMissing(setup, wiring, why) : error;
  }
  return error instanceof Error && "code" in error ? linesMissing(setup, wiring, error.message) : error;
}

/** As the upstreams say, until cutover says something else. */
export function presentWeights(upstreams: readonly Upstream[]): Weights {
  const services = upstreams.map(({ backend, servers }) => {
    const own = Object.entries(servers).map(([server, { weight }]) => [server, weight] as const);
    return [backend.service, Object.fromEntries(own)] as const;
  });
  return Object.fromEntries(services);
}
