import { type Deployment, readHistory } from "../../execute/history.ts";
import { exits } from "../../problem.ts";
import { usageProblem } from "../arguments.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { shortDuration } from "../present/duration.ts";
import { fitTable } from "../present/table.ts";

export const command: Command = {
  summary: "past deployments, how each ended and why",
  usage: "[-n COUNT]",
  positionals: 0,
  options: { lines: { type: "string", short: "n", value: "COUNT", about: "how many, newest first (20)" } },
  async run(input, io) {
    const count = countOf(input.flags.lines ?? 20);
    await using context = await openContext(input, io, "read");
    const { deployments, damaged, notes } = await readHistory(context.anchors, count);
    const shown = deployments.toReversed();
    if (shown.length === 0) io.print(`Nothing was deployed yet.`);
    else
      io.print(
        fitTable(
          ["id", "when", "kind", "ended", "took", "release", "from", "by", "why"],
          shown.map(row),
          io.columns,
        ),
      );
    for (const { id, problem } of damaged) io.print(`Journal ${id}: ${problem.what}`);
    for (const note of notes) io.print(note);
    io.result({ deployments, damaged, notes });
    return exits.done;
  },
};

function countOf(value: unknown): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw usageProblem("history", `"${String(value)}" is not a count.`);
}

const ends = { new: "done", old: "undone", paused: "paused" } as const;

function row(deployment: Deployment): readonly string[] {
  const { id, startedAt, kind, release, previous, end, durationMs, operator, problem, verdicts } = deployment;
  const when = new Date(startedAt).toISOString().slice(0, 16).replace("T", " ");
  const ended = end === null ? "unfinished" : ends[end];
  return [
    id,
    when,
    kind,
    ended,
    shortDuration(durationMs),
    release,
    previous ?? "-",
    operator,
    problem?.what ?? verdicts.at(-1)?.why ?? "",
  ];
}
