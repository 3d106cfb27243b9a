import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Routing } from "../../plan/traffic.ts";
import { readText, replaceFile } from "../file.ts";
import { type Part, buckets, declareGroups, divide } from "./groups.ts";
import { bucketName, groupName } from "./include.ts";
import type { Upstream } from "./look.ts";
import type { Backend } from "./setup.ts";

/**
 * The links nginx follows: live -> routings/<id>, and in there <service>/everyone/<bucket> -> to/<group>, with cohort beside
 * everyone. All of a routing changes by the one rename of `live`. Answers where it points now.
 */
export async function writeTree(
  directory: string,
  upstreams: readonly Upstream[],
  routing: Routing,
): Promise<string> {
  for (const upstream of upstreams) await makeTargets(directory, upstream);
  const text = `${JSON.stringify(routing, null, 2)}\n`;
  const parts = upstreams.map((upstream) => partsOf(upstream, routing));
  const id = createHash("sha256").update(text).update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  const all = join(directory, "routings");
  const place = join(all, id);
  await makeDirectory(all);
  if (!(await isThere(place))) {
    const making = join(all, `.${id}.${randomBytes(4).toString("hex")}`);
    await makeDirectory(making);
    for (const [i, { backend }] of upstreams.entries()) await writeService(making, backend, parts[i]);
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

function partsOf({ backend, servers }: Upstream, { weights, cohort }: Routing): ServiceParts {
  const names = Object.keys(servers);
  const own = weights[backend.service] ?? {};
  const some = (weight: (server: string) => number): readonly Part[] =>
    divide(Object.fromEntries(names.map((server) => [server, weight(server)])));
  return {
    everyone: some((server) => own[server] ?? 0),
    cohort: cohort === undefined ? null : some((server) => (cohort.servers.includes(server) ? 1 : 0)),
  };
}

async function writeService(tree: string, backend: Backend, parts: ServiceParts | undefined): Promise<void> {
  const service = join(tree, backend.service);
  await makeDirectory(service);
  await writeBuckets(join(service, "everyone"), backend, parts?.everyone ?? []);
  const cohort = parts?.cohort ?? null;
  if (cohort === null) await symlink("everyone", join(service, "cohort"));
  else await writeBuckets(join(service, "cohort"), backend, cohort);
  await sync(service);
}

async function writeBuckets(directory: string, backend: Backend, parts: readonly Part[]): Promise<void> {
  await makeDirectory(directory);
  const groups = parts.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
  for (let bucket = 0; bucket < buckets; bucket += 1)
    await symlink(
      `../../../../to/${groupName(backend, groups[bucket] ?? [])}`,
      join(directory, bucketName(bucket)),
    );
  await sync(directory);
}

async function makeTargets(directory: string, { backend, servers }: Upstream): Promise<void> {
  await makeDirectory(join(directory, "to"));
  for (const group of [...declareGroups(Object.keys(servers)), []])
    await makeDirectory(join(directory, "to", groupName(backend, group)));
  await sync(join(directory, "to"));
}

/** The workers of nginx, who are somebody else, have to pass. */
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
