import { exits } from "../../problem.ts";
import { observeReleases } from "../../release/observe.ts";
import { readRecord } from "../../release/record.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { renderTable } from "../present/table.ts";
import { bytesText } from "../services/words.ts";

export const command: Command = {
  summary: "the releases on this machine and their states",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    const context = await openContext(input, io, "read");
    const { current, releases } = await observeReleases(context.place);
    const rows = await Promise.all(
      releases.toReversed().map(async ({ id, state, revision, envDigest }) => {
        const record = await readRecord(context.place, id);
        const size = record?.bytes === undefined ? "-" : bytesText(record.bytes);
        const mark = id === current ? "current" : "";
        return [id, state, mark, record?.label ?? short(revision), short(envDigest), size];
      }),
    );
    if (rows.length === 0) io.print(`No release of ${context.app} yet. cutover deploy makes the first one.`);
    else io.print(renderTable(["release", "state", "", "revision", "env", "size"], rows));
    io.result({ current, releases });
    return exits.done;
  },
};

function short(digest: string | undefined): string {
  return digest?.slice(0, 8) ?? "-";
}
