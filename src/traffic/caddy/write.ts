import { isDeepStrictEqual } from "node:util";
import { basename } from "node:path";
import type { CohortMatch, Routing, Weights } from "../../plan/traffic.ts";
import type { ProblemDetail } from "../../problem.ts";
import { linesAdded, reloadLoses } from "../notices.ts";
import { type Links, liveTree, point, pruneTrees, readTree, writeTree } from "../links/tree.ts";
import { areOnDisk } from "../files.ts";
import { refuseUnknown } from "../unknown.ts";
import { buckets, includeFiles } from "./include.ts";
import { load, type Load } from "./load.ts";
import type { Configuration } from "./look.ts";
import { linesMissing, notInForce } from "./problems.ts";
import { askState } from "./running.ts";
import type { Setup } from "./setup.ts";
import { linesToAdd, wired } from "./wiring.ts";

/** Links only, where Caddy knows the servers and the cohort's match already; else its files and a reload before. */
export async function writeRouting(
  setup: Setup,
  configuration: Configuration,
  routing: Routing,
): Promise<void> {
  refuseUnknown(setup, routing);
  const wanted = loadOf(setup, configuration, routing.cohort?.match ?? setup.match);
  const links = linksOf(setup, configuration);
  if (!(await isInForce(setup, wanted))) await ready(setup, configuration, wanted);
  const before = await liveTree(setup.directory);
  const isSame = isDeepStrictEqual(await readTree(setup.directory), routing);
  const tree = await writeTree(links, routing);
  if (!(await askState(setup, basename(tree))).isFollowed) {
    if (before !== null) await point(setup.directory, before);
    throw notInForce(setup);
  }
  if (!isSame) await pruneTrees(setup.directory, [tree, before ?? ""]);
}

/** Puts cutover's lines into the Caddyfile where they are not yet; nothing changes for requests. Problem: TRAFFIC_LINES_MISSING. */
export async function install(setup: Setup, configuration: Configuration): Promise<void> {
  if (!configuration.isInstalled)
    await ready(setup, configuration, loadOf(setup, configuration, setup.match));
}

/** What the next change would do beside a routing. Problem: TRAFFIC_LINES_MISSING. */
export async function noticesOf(
  setup: Setup,
  configuration: Configuration,
): Promise<readonly ProblemDetail[]> {
  const wanted = loadOf(setup, configuration, setup.match);
  if (configuration.isInstalled && (await isInForce(setup, wanted))) return [];
  const lines = { before: configuration.text, after: wanted.contents[setup.sites] ?? "" };
  return [
    ...(configuration.isInstalled ? [] : [linesAdded("Caddy", { [setup.sites]: lines })]),
    reloadLoses(
      "Caddy loads its configuration once before this change, and closes the connections that clients have",
      "cutover's lines, the servers or the cohort's match are new to it. Weights and cohorts change without that.",
      "Deploy at a quiet moment if that matters.",
    ),
  ];
}

function loadOf(setup: Setup, configuration: Configuration, match: CohortMatch | undefined): Load {
  const { contents, digest } = includeFiles(setup, configuration, match);
  return { contents: { ...contents, [setup.sites]: wired(setup, configuration) }, digest };
}

async function isInForce(setup: Setup, wanted: Load): Promise<boolean> {
  if (!(await areOnDisk(wanted.contents))) return false;
  return (await askState(setup, "")).digest === wanted.digest;
}

async function ready(setup: Setup, configuration: Configuration, wanted: Load): Promise<void> {
  const links = linksOf(setup, configuration);
  const now = await readTree(setup.directory);
  try {
    if (now === null) await writeTree(links, { weights: presentWeights(configuration) });
    // The match that goes must not choose servers by what the next one finds.
    else if (now.cohort !== undefined) await writeTree(links, { weights: now.weights });
    await load(setup, wanted);
  } catch (error) {
    if (now?.cohort !== undefined) await writeTree(links, now);
    if (!(error instanceof Error && "code" in error)) throw error;
    throw linesMissing(setup, linesToAdd(setup, configuration), error.message);
  }
}

function linksOf({ directory }: Setup, { proxies }: Configuration): Links {
  const routed = proxies.map(({ backend: { service, prefix }, servers }) => {
    return { service, prefix, servers: Object.keys(servers) };
  });
  const first = routed.filter(({ service }, i) => routed.findIndex((one) => one.service === service) === i);
  return { directory, buckets, routed: first };
}

/** Caddy takes turns, until cutover says something else. */
export function presentWeights({ proxies }: Configuration): Weights {
  const services = proxies.map(({ backend, servers }) => {
    return [backend.service, Object.fromEntries(Object.keys(servers).map((server) => [server, 1]))] as const;
  });
  return Object.fromEntries(services);
}
