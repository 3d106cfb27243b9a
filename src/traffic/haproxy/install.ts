import { setTimeout as delay } from "node:timers/promises";
import { Problem, type ProblemDetail, exits } from "../../problem.ts";
import { readText, replaceFile } from "../file.ts";
import { linesAdded, reloadLoses } from "../notices.ts";
import { runShell } from "../shell.ts";
import { say } from "./admin.ts";
import { noCohort } from "./cohort.ts";
import { readStored, restore, store, type Stored, storedFor } from "./disk.ts";
import { hastyFrontends } from "./frontends.ts";
import { cookieOf, isStickyByTable, linesToAdd, withLines } from "./lines.ts";
import { type BackendNow, weightOf } from "./look.ts";
import type { Backend, Setup } from "./setup.ts";

const commandMs = 30_000;
const loadMs = 10_000;

/**
 * Makes sure that cutover's lines are in force and on disk: put into the configuration, tested, loaded; the one reload that
 * this driver ever needs. Answers whether it did. On a refusal the file is as before. Problems: TRAFFIC_LINES_MISSING,
 * TRAFFIC_CONFIG_REJECTED, TRAFFIC_RELOAD_FAILED, TRAFFIC_MODE, TRAFFIC_STICKY.
 */
export async function install(setup: Setup, seen: readonly BackendNow[]): Promise<boolean> {
  const before = await readConfig(setup);
  const missing = seen.filter((now) => lacksLines(now, before));
  if (missing.length === 0) return false;
  const backends = missing.map(({ backend }) => backend);
  const text = configured(setup, missing, before);
  // A reload starts from the files, so they hold what is in force now.
  const files: Stored = Object.assign({}, ...missing.map(storedNow));
  const stored = await readStored(Object.keys(files));
  await store(files);
  try {
    await putInForce(setup, backends, text);
  } catch (error) {
    await restore(stored);
    throw error;
  }
  return true;
}

/** What `install` would do. Problems: TRAFFIC_LINES_MISSING, TRAFFIC_MODE, TRAFFIC_STICKY. */
export async function noticesOf(
  setup: Setup,
  seen: readonly BackendNow[],
): Promise<readonly ProblemDetail[]> {
  const before = await readConfig(setup);
  const missing = seen.filter((now) => lacksLines(now, before));
  if (missing.length === 0) return [];
  const text = configured(setup, missing, before);
  const hasty = hastyFrontends(text.before);
  return [linesAdded("haproxy", { [setup.config]: text }), ...(hasty.length > 0 ? [losesIdle(hasty)] : [])];
}

function losesIdle(frontends: readonly string[]): ProblemDetail {
  return reloadLoses(
    `A reload of haproxy closes idle connections of clients at once (${frontends.join(", ")})`,
    "They do not have `option idle-close-on-response`. cutover reloads once, for its lines, and never again.",
    "Add `option idle-close-on-response` to the defaults section before this deployment.",
  );
}

/** In the running configuration or, where it can be read, on disk. */
function lacksLines({ backend, maps }: BackendNow, config: string | null): boolean {
  if (maps === null) return true;
  if (config === null) return false;
  const { servers, emptied } = backend.files;
  const looksAtCookie = maps.emptied !== null && config.includes(emptied);
  return !config.includes(servers) || (cookieOf(config, backend) !== null && !looksAtCookie);
}

interface Texts {
  readonly before: string;
  readonly after: string;
}

function configured(setup: Setup, missing: readonly BackendNow[], before: string | null): Texts {
  const backends = missing.map(({ backend }) => backend);
  const other = missing.find(({ servers }) => !Object.values(servers).every(isHttp));
  if (other !== undefined) throw notHttp(other.backend);
  if (before === null) throw byHand(setup, backends, `${setup.config} cannot be read.`);
  let after: string = before;
  for (const backend of backends) {
    if (isStickyByTable(after, backend)) throw stuckByTable(backend);
    const text = withLines(after, backend);
    if (text === null)
      throw byHand(setup, backends, `${setup.config} does not hold the backend ${backend.name}.`);
    after = text;
  }
  return { before, after };
}

function storedNow({ backend, servers, maps }: BackendNow): Stored {
  const wished = Object.values(servers).map((server) => ({ server, weight: weightOf(server) }));
  return storedFor(backend, wished, maps ?? { ...noCohort, emptied: null });
}

function isHttp({ stats }: { readonly stats: { readonly mode: string } }): boolean {
  return stats.mode === "http";
}

/** null: it is not there, or not for this user to read. */
export async function readConfig(setup: Setup): Promise<string | null> {
  return await readText(setup.config).catch(() => null);
}

async function putInForce(setup: Setup, backends: readonly Backend[], text: Texts): Promise<void> {
  try {
    await replaceFile(setup.config, text.after);
  } catch (error) {
    throw byHand(setup, backends, error instanceof Error ? error.message : String(error), text.before);
  }
  const checked = await runShell(setup.check, commandMs);
  if (!checked.isOk) {
    await replaceFile(setup.config, text.before);
    throw rejected(setup, backends, checked.lines);
  }
  const reloaded = await runShell(setup.reload, commandMs);
  if (reloaded.isOk && (await isLoaded(setup, backends))) return;
  await replaceFile(setup.config, text.before);
  await runShell(setup.reload, commandMs);
  throw notReloaded(setup, backends, reloaded.lines);
}

/** Whether the process that answers has the lines, within the deadline. */
async function isLoaded(setup: Setup, backends: readonly Backend[]): Promise<boolean> {
  const deadline = performance.now() + loadMs;
  while (performance.now() < deadline) {
    const maps = await say(setup.socket, "show map").catch(() => "");
    if (backends.every(({ files }) => maps.includes(`(${files.servers})`))) return true;
    await delay(50);
  }
  return false;
}

const asBefore = "The configuration and the running haproxy are as they were.";

function byHand(setup: Setup, backends: readonly Backend[], why: string, config = ""): Problem {
  return new Problem({
    code: "TRAFFIC_LINES_MISSING",
    what: `haproxy's configuration lacks the lines that cutover needs, and cutover could not add them.`,
    why,
    fix: `Add the lines below to ${setup.config} and reload haproxy, or run this once as a user who may do both.`,
    state: asBefore,
    evidence: backends.flatMap((backend) => linesToAdd(config, backend)),
    exit: exits.refused,
  });
}

function rejected(setup: Setup, backends: readonly Backend[], lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_CONFIG_REJECTED",
    what: `haproxy does not accept ${setup.config} with cutover's lines for ${names(backends)}.`,
    why: lines.find((line) => line.includes("[ALERT]")) ?? lines.at(-1),
    fix: `Try the file as it is with \`${setup.check}\` and correct it; cutover adds its lines again.`,
    state: asBefore,
    evidence: lines,
    exit: exits.refused,
  });
}

function notReloaded(setup: Setup, backends: readonly Backend[], lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_RELOAD_FAILED",
    what: `haproxy was not reloaded with cutover's lines for ${names(backends)}.`,
    why: lines.at(-1) ?? `\`${setup.reload}\` ended well, but the running haproxy does not have them.`,
    fix: `Make \`${setup.reload}\` work for this user, for example in sudoers: USER ALL=(root) NOPASSWD: /usr/bin/systemctl reload haproxy, and set traffic: options: reload.`,
    state: asBefore,
    evidence: lines,
    exit: exits.refused,
  });
}

function notHttp(backend: Backend): Problem {
  return new Problem({
    code: "TRAFFIC_MODE",
    what: `The backend "${backend.name}" of haproxy is not in mode http.`,
    why: "Cohorts and questions to one server need to read requests.",
    fix: "Add `mode http` to the backend and its frontend.",
    state: asBefore,
    exit: exits.refused,
  });
}

function stuckByTable(backend: Backend): Problem {
  return new Problem({
    code: "TRAFFIC_STICKY",
    what: `Clients stick to the servers of the backend "${backend.name}" by a table, whatever the servers' weights.`,
    why: "So no server can be emptied without losing requests.",
    fix: "Use `cookie NAME insert indirect nocache`, or `balance source` with `hash-type consistent`, instead of `stick on`.",
    state: asBefore,
    exit: exits.refused,
  });
}

function names(backends: readonly Backend[]): string {
  return backends.map(({ name }) => name).join(", ");
}
