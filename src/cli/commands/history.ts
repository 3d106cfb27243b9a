import { type Deployment, readHistory } from "../../execute/history.ts";
import { exits } from "../../problem.ts";
import { usageProblem } from "../arguments.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { lockNow } from "../deployment/now.ts";
import { deliveryFigures } from "../history/figures.ts";
import { figureLines } from "../history/text.ts";
import { whyOf } from "../history/why.ts";
import { shortDuration } from "../present/duration.ts";
import { fitTable } from "../present/table.ts";

/** Journals that the figures are made of, unless more are asked for. */
const searched = 100;

export const command: Command = {
  summary: "past deployments, how each ended and why, and how often, how fast and how well the team ships",
  usage: "[-n COUNT] [--days N]",
  positionals: 0,
  options: {
    lines: { type: "string", short: "n", value: "COUNT", about: "how many, newest first (20)" },
    days: { type: "string", value: "N", about: "the figures are of so many days (30)" },
  },
  async run(input, io) {
    const count = countOf(input.flags.lines ?? 20);
    const days = countOf(input.flags.days ?? 30);
    await using context = await openContext(input, io, "read");
    // Asked before the journals: what ends in between has ended.
    const { holder } = await lockNow(context);
    const {
      deployments: all,
      damaged,
      notes,
      isWhole,
    } = await readHistory(context.anchors, Math.max(count, searched));
    const deployments = all.slice(-count);
    const shown = deployments.toReversed();
    const figures = deliveryFigures(all, { days, now: Date.now(), isCut: !isWhole });
    if (shown.length === 0) io.print(`Nothing was deployed yet.`);
    else
      io.print(
        fitTable(
          ["id", "when", "kind", "ended", "took", "release", "from", "by", "why"],
          shown.map((one, i) => row(one, holder !== null && i === 0)),
          io.columns,
        ),
      );
    for (const line of withSpace(figureLines(figures))) io.print(line);
    for (const { id, problem } of damaged) io.print(`Journal ${id}: ${problem.what}`);
    for (const note of notes) io.print(note);
    io.result({ deployments, figures, damaged, notes });
    return exits.done;
  },
};

/** Apart from the table above. */
function withSpace(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

function countOf(value: unknown): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw usageProblem("history", `"${String(value)}" is not a count.`);
}

const ends = { new: "done", old: "undone", paused: "paused" } as const;

/** `isHeld`: it is the newest, and somebody changes the app now. */
function row(deployment: Deployment, isHeld: boolean): readonly string[] {
  const { id, startedAt, kind, release, previous, end, durationMs, operator } = deployment;
  const when = new Date(startedAt).toISOString().slice(0, 16).replace("T", " ");
  const ended = end === null ? (isHeld ? "under way" : "unfinished") : ends[end];
  return [
    id,
    when,
    kind,
    ended,
    shortDuration(durationMs),
    release,
    previous ?? "-",
    operator,
    whyOf(deployment),
  ];
}
