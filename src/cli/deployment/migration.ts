import type { LocalEndOptions } from "../../fleet/local-end.ts";

/** The database's part of an end, here and in the agent. */
export const runMigration: LocalEndOptions["migrate"] = async (spec, run) => {
  const [{ migrate }, { runCommand }] = await Promise.all([
    import("../../database/migrate.ts"),
    import("../../release/command.ts"),
  ]);
  await migrate(spec, run, runCommand);
};
