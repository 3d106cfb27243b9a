import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Routing } from "../../plan/traffic.ts";
import { readText, replaceFile } from "../file.ts";
import { type Part, declareGroups, divide, groupName } from "./groups.ts";

/** Links that a balancer follows at every request, so that weights and cohorts change without a reload. */
export interface Links {
  readonly directory: string;
  /** A request belongs to one of these by chance. */
  readonly buckets: readonly string[];
  readonly routed: readonly Routed[];
}

/** A service whose requests follow them. */
interface Routed {
  readonly service: string;
  /** Begins the names of its groups. */
  readonly prefix: string;
  readonly servers: readonly string[];
}

/**
 * live -> routings/<id>, and in there <service>/everyone/<bucket> -> to/<group>, with cohort beside everyone; to/<group> holds a
 * file of its own name, and routings/<id> one called tree-<id>. All of a routing changes by the one rename of `live`. Answers
 * where it points now.
 */
export async function writeTree({ directory, buckets, routed }: Links, routing: Routing): Promise<string> {
  for (const one of routed) await makeTargets(directory, one);
  const text = `${JSON.stringify(routing, null, 2)}\n`;
  const parts = routed.map((one) => partsOf(one, routing, buckets.length));
  const id = createHash("sha256").update(text).update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  const all = join(directory, "routings");
  const place = join(all, id);
  await makeDirectory(all);
  if (!(await isThere(place))) {
    const making = join(all, `.${id}.${randomBytes(4).toString("hex")}`);
    await makeDirectory(making);
    for (const [i, one] of routed.entries()) {
      const service = join(making, one.service);
      await makeDirectory(service);
      await writeService(service, parts[i], (path, some) => writeBuckets(path, groupsOf(one, buckets, some)));
    }
    await replaceFile(join(making, `tree-${id}`), "");
    await replaceFile(join(making, "routing.json"), text);
    await sync(making);
    await rename(making, place);
    await sync(all);
  }
  await point(directory, id);
  return place;
}

/** Trees other than these are removed; a request may still be on its way through the last one. */
export async function pruneTrees(directory: string, kept: readonly string[]): Promise<void> {
  const all = join(directory, "routings");
  const names = kept.map((path) => basename(path));
  for (const name of await readdir(all))
    if (!names.includes(name)) await rm(join(all, name), { recursive: true, force: true });
}

/** Makes `live` point at a tree that is there. */
export async function point(directory: string, id: string): Promise<void> {
  const next = join(directory, `.live.${randomBytes(4).toString("hex")}`);
  await symlink(join("routings", basename(id)), next);
  await rename(next, join(directory, "live"));
  await sync(directory);
}

/** What the tree at `live` was made from; null: there is none, or somebody has changed it. */
export async function readTree(directory: string): Promise<Routing | null> {
  const text = await readText(join(directory, "live", "routing.json"));
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isRouting(value) ? value : null;
  } catch {
    return null;
  }
}

function isRouting(value: unknown): value is Routing {
  return (
    typeof value === "object" && value !== null && "weights" in value && typeof value.weights === "object"
  );
}

/** The id of the tree at `live`; null: there is none. */
export async function liveTree(directory: string): Promise<string | null> {
  return await readlink(join(directory, "live")).then(
    (path) => basename(path),
    () => null,
  );
}

interface ServiceParts {
  readonly everyone: readonly Part[];
  /** null: no cohort. */
  readonly cohort: readonly Part[] | null;
}

function partsOf({ service, servers }: Routed, { weights, cohort }: Routing, buckets: number): ServiceParts {
  const own = weights[service] ?? {};
  const some = (weight: (server: string) => number): readonly Part[] =>
    divide(Object.fromEntries(servers.map((server) => [server, weight(server)])), buckets);
  return {
    everyone: some((server) => own[server] ?? 0),
    cohort: cohort === undefined ? null : some((server) => (cohort.servers.includes(server) ? 1 : 0)),
  };
}

async function writeService(
  service: string,
  parts: ServiceParts | undefined,
  write: (path: string, parts: readonly Part[]) => Promise<void>,
): Promise<void> {
  await write(join(service, "everyone"), parts?.everyone ?? []);
  const cohort = parts?.cohort ?? null;
  if (cohort === null) await symlink("everyone", join(service, "cohort"));
  else await write(join(service, "cohort"), cohort);
  await sync(service);
}

/** Bucket -> the name of its group. */
function groupsOf({ prefix }: Routed, buckets: readonly string[], parts: readonly Part[]): string[][] {
  const groups = parts.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
  return buckets.map((bucket, i) => [bucket, groupName(prefix, groups[i] ?? [])]);
}

async function writeBuckets(directory: string, groups: readonly string[][]): Promise<void> {
  await makeDirectory(directory);
  await Promise.all(
    groups.map(([bucket = "", group = ""]) => symlink(`../../../../to/${group}`, join(directory, bucket))),
  );
  await sync(directory);
}

async function makeTargets(directory: string, { prefix, servers }: Routed): Promise<void> {
  await makeDirectory(join(directory, "to"));
  for (const group of [...declareGroups(servers), []]) {
    const name = groupName(prefix, group);
    const place = join(directory, "to", name);
    await makeDirectory(place);
    if (!(await isThere(join(place, name)))) await replaceFile(join(place, name), "");
  }
  await sync(join(directory, "to"));
}

/** The balancer, who is somebody else, has to pass. */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function sync(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
