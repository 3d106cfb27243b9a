import { mkdir, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { Problem, exits } from "../../problem.ts";
import { readText, replaceFile } from "../file.ts";
import type { Maps, ServerNow } from "./look.ts";
import type { Backend } from "./setup.ts";
import { type MapRow, disabledInConfig } from "./show.ts";

/** What haproxy reads when it starts: the files of a backend, empty while nothing differs from its configuration. */
export type Stored = Readonly<Record<string, string>>;

export interface Wished {
  readonly server: ServerNow;
  readonly weight: number;
}

/** Content of the files by path. */
export function storedFor(backend: Backend, wished: readonly Wished[], maps: Maps): Stored {
  const { files } = backend;
  return {
    [files.state]: stateText(wished),
    [files.value]: mapText(maps.value),
    [files.match]: mapText(maps.match),
    [files.servers]: mapText(maps.servers),
    [files.emptied]: mapText(maps.emptied ?? []),
  };
}

/**
 * Only servers that differ from the configuration: haproxy takes the port from here too, so that lines kept for longer would
 * outlive an edit of the configuration. Health begins as good as at any start, the address is left to the configuration.
 */
function stateText(wished: readonly Wished[]): string {
  const lines = wished
    .filter(({ server, weight }) => weight !== server.configured || isEnabled(server, weight))
    .map(({ server, weight }) => {
      const fresh: Readonly<Record<string, string>> = {
        ...server.fields,
        srv_addr: "-",
        srv_op_state: "2",
        srv_admin_state: isEnabled(server, weight) ? String(disabledInConfig) : "0",
        srv_uweight: String(weight),
        srv_time_since_last_change: "0",
        srv_check_status: "1",
        srv_check_result: "0",
        srv_check_state: "0",
        srv_agent_state: "0",
      };
      return Object.keys(server.fields)
        .map((name) => fresh[name] ?? "-")
        .join(" ");
    });
  const names = Object.keys(wished[0]?.server.fields ?? {}).join(" ");
  return lines.length === 0 ? "" : `1\n# ${names}\n${lines.join("\n")}\n`;
}

function isEnabled(server: ServerNow, weight: number): boolean {
  return weight > 0 && (server.admin & disabledInConfig) !== 0;
}

function mapText(rows: readonly MapRow[]): string {
  return rows.map(({ key, value }) => `${key} ${value}\n`).join("");
}

export async function readStored(paths: readonly string[]): Promise<Record<string, string | null>> {
  const entries = await Promise.all(paths.map(async (path) => [path, await readText(path)] as const));
  return Object.fromEntries(entries);
}

/** Writes what differs. Problem: TRAFFIC_FILES. */
export async function store(files: Stored): Promise<void> {
  try {
    for (const [path, content] of Object.entries(files)) {
      if ((await readText(path)) === content) continue;
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, content);
    }
  } catch (error) {
    throw notWritten(dirname(Object.keys(files)[0] ?? "/"), error);
  }
}

/** Back to what `readStored` told. */
export async function restore(before: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [path, content] of Object.entries(before)) {
    if (content === null) await rm(path, { force: true });
    else await store({ [path]: content });
  }
}

function notWritten(directory: string, error: unknown): Problem {
  const user = userInfo().username;
  return new Problem(
    {
      code: "TRAFFIC_FILES",
      what: `cutover could not write to ${directory}, where haproxy finds weights and cohorts again when it starts.`,
      why: error instanceof Error ? error.message : String(error),
      fix: `Give it to the deploying user: sudo install -d -o ${user} ${directory}`,
      state: "The balancer does what it did before.",
      exit: exits.refused,
    },
    { cause: error },
  );
}
