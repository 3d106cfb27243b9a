import { migrate } from "../../database/migrate.ts";
import type { LocalEndOptions } from "../../fleet/local-end.ts";
import { runCommand } from "../../release/command.ts";

/** The database's part of an end, here and in the agent. */
export const runMigration: LocalEndOptions["migrate"] = (spec, run) => migrate(spec, run, runCommand);
