import { isDeepStrictEqual } from "node:util";
import type { Routing } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";
import { say } from "./admin.ts";
import { cohortMaps, noCohort, unfit } from "./cohort.ts";
import { type Wished, readStored, restore, store, storedFor } from "./disk.ts";
import { install } from "./install.ts";
import { type BackendNow, look, type Maps, stateOf, weightOf } from "./look.ts";
import type { Setup } from "./setup.ts";
import { type MapRow, takesTraffic } from "./show.ts";

/** A backend as it shall be. */
interface Target {
  readonly now: BackendNow;
  readonly wished: readonly Wished[];
  readonly maps: Maps;
}

/** A reload by somebody else may start from the files of a moment ago. */
const attempts = 3;

/** Sets a routing: on disk first, then live, then read back. On a refusal both are as before. */
export async function writeRouting(setup: Setup, routing: Routing): Promise<void> {
  let seen = await look(setup);
  let targets = targetsOf(seen, routing);
  if (await install(setup, seen)) {
    seen = await look(setup);
    targets = targetsOf(seen, routing);
  }
  for (let attempt = 1; ; attempt += 1) {
    await change(setup, targets);
    const now = await look(setup);
    targets = targetsOf(now, routing);
    if (targets.every(isReached)) return;
    if (attempt === attempts) throw notInForce(routing, stateOf(now).routing);
  }
}

function targetsOf(seen: readonly BackendNow[], routing: Routing): Target[] {
  const { cohort } = routing;
  return seen.map((now) => {
    const { backend, servers } = now;
    const weights = routing.weights[backend.service] ?? {};
    const stranger = Object.keys(weights).find((name) => servers[name] === undefined);
    if (stranger !== undefined) throw unknown(backend.name, stranger);
    // Servers that the routing does not name keep what they have.
    const wished = Object.entries(servers).map(([name, server]): Wished => {
      return { server, weight: weights[name] ?? weightOf(server) };
    });
    const names = cohort?.servers.map((name) => {
      const server = servers[name];
      if (server === undefined) throw unknown(backend.name, name);
      return server.name;
    });
    const maps = cohort === undefined || names === undefined ? noCohort : cohortMaps(cohort, names);
    const looksAtCookie = Array.isArray(now.maps?.emptied);
    const emptied = looksAtCookie ? emptiedRows(wished) : null;
    return { now, wished, maps: { ...maps, emptied } };
  });
}

/** Their cookies count no longer, so that clients who have one go elsewhere too. */
function emptiedRows(wished: readonly Wished[]): readonly MapRow[] {
  return wished
    .filter(({ server, weight }) => weight === 0 && server.stats.cookie !== "")
    .map(({ server }) => ({ key: server.stats.cookie, value: server.name }));
}

function isReached({ now, wished, maps }: Target): boolean {
  return (
    wished.every(({ server, weight }) => weightOf(server) === weight) && isDeepStrictEqual(now.maps, maps)
  );
}

async function change(setup: Setup, targets: readonly Target[]): Promise<void> {
  const files = Object.assign(
    {},
    ...targets.map(({ now, wished, maps }) => storedFor(now.backend, wished, maps)),
  );
  const before = await readStored(Object.keys(files));
  const staged: StagedMaps[] = [];
  try {
    for (const target of targets) staged.push(await stageMaps(setup, target));
  } catch (error) {
    for (const { discards } of staged) await tell(setup, discards);
    throw error;
  }
  await store(files);
  try {
    await tell(
      setup,
      targets.flatMap(({ wished, now }) => weightCommands(now, wished, "raise")),
    );
    for (const { commits } of staged) await tell(setup, commits);
    await tell(
      setup,
      targets.flatMap(({ wished, now }) => weightCommands(now, wished, "lower")),
    );
  } catch (error) {
    await undo(setup, targets, before);
    throw error;
  }
}

/** New servers get their weight before old ones lose theirs, so that there is always one that takes requests. */
function weightCommands(now: BackendNow, wished: readonly Wished[], which: "raise" | "lower"): string[] {
  return wished
    .filter(({ server, weight }) => weight !== weightOf(server))
    .filter(({ server, weight }) => weight > weightOf(server) === (which === "raise"))
    .flatMap(({ server, weight }) => {
      const path = `${now.backend.name}/${server.name}`;
      const set = `set server ${path} weight ${weight}`;
      return takesTraffic(server) ? [set] : [set, `set server ${path} state ready`];
    });
}

interface StagedMaps {
  readonly commits: readonly string[];
  readonly discards: readonly string[];
}

/** Prepares new versions of the maps that differ; nothing is in force until the commits. Problem: TRAFFIC_COHORT. */
async function stageMaps(setup: Setup, { now, maps }: Target): Promise<StagedMaps> {
  const { files } = now.backend;
  if (isDeepStrictEqual(now.maps, maps)) return { commits: [], discards: [] };
  const commits: string[] = [];
  const discards: string[] = [];
  const names = ["value", "match", "servers", "emptied"] as const;
  for (const name of names.filter((name) => maps[name] !== null)) {
    const rows = maps[name] ?? [];
    const version = /\d+/.exec(await say(setup.socket, `prepare map ${files[name]}`))?.[0] ?? "";
    discards.push(`clear map @${version} ${files[name]}`);
    commits.push(`commit map @${version} ${files[name]}`);
    const said = rows.length === 0 ? "" : await say(setup.socket, addRows(files[name], version, rows));
    if (said === "") continue;
    await tell(setup, discards);
    const match = JSON.parse(decodeURIComponent(maps.match[0]?.value ?? "{}"));
    throw unfit(match, said);
  }
  // Without servers nothing is matched, so that no request meets half of a change.
  return { commits: [`clear map ${files.servers}`, ...commits], discards };
}

function addRows(file: string, version: string, rows: readonly MapRow[]): string {
  return `add map @${version} ${file} <<\n${rows.map(({ key, value }) => `${key} ${value}\n`).join("")}`;
}

/** Problem TRAFFIC_REFUSED with what haproxy printed. */
async function tell(setup: Setup, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return;
  const said = await say(setup.socket, commands.join(";"));
  if (said === "") return;
  throw new Problem({
    code: "TRAFFIC_REFUSED",
    what: "haproxy refused a change of its routing.",
    why: said.split("\n")[0],
    fix: said.includes("static LB")
      ? "Use `balance roundrobin` or `hash-type consistent` in the backend, or leave out the steps by share."
      : "Read what it said below; `cutover doctor` looks at the balancer as well.",
    state: "The balancer does what it did before; nothing was changed on it.",
    evidence: [...said.split("\n"), ...commands],
    exit: exits.refused,
  });
}

/** Back to what `targets` saw, as far as haproxy lets us. */
async function undo(
  setup: Setup,
  targets: readonly Target[],
  before: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const { now, wished, maps } of targets) {
    for (const { server } of wished) {
      const path = `${now.backend.name}/${server.name}`;
      const state = (server.admin & 1) !== 0 ? "maint" : (server.admin & 8) !== 0 ? "drain" : "ready";
      await say(setup.socket, `set server ${path} weight ${server.weight};set server ${path} state ${state}`);
    }
    const old = { now: { ...now, maps }, wished: [], maps: now.maps ?? maps };
    await tell(setup, (await stageMaps(setup, old)).commits);
  }
  await restore(before);
}

function unknown(backend: string, server: string): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_UNKNOWN",
    what: `The routing names the server "${server}", which is none of the fleet's in the backend "${backend}".`,
    fix: "Use the names of servers: in the config.",
    state: "Nothing was changed by this step.",
    exit: exits.refused,
  });
}

function notInForce(wanted: Routing, got: Routing): Problem {
  return new Problem({
    code: "TRAFFIC_NOT_IN_FORCE",
    what: "haproxy took the new routing without an error, but does something else.",
    why: "Somebody else changes it at the same time, or it was reloaded meanwhile.",
    fix: "Find out who, then run the command again.",
    state: "The balancer's routing is neither the old nor the new one.",
    evidence: [`wanted ${JSON.stringify(wanted)}`, `found ${JSON.stringify(got)}`],
    exit: exits.needsAttention,
  });
}
