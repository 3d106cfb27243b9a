import type { Output } from "../output.ts";
import { shortDuration } from "./duration.ts";
import { type EndedGroup, reasonsOf, type StepGroup } from "./step-groups.ts";
import { titleOf } from "./step-text.ts";
import { wrap } from "./wrap.ts";

interface Shown {
  readonly output: Output;
  readonly now: () => number;
  /** Of the deployment. */
  readonly hosts: readonly string[];
}

const mostTails = 4;

/** A mark, what is done, and how long it takes in the column on the right; long texts go on below. */
export function stepLines(mark: string, text: string, ms: number, output: Output): readonly string[] {
  const width = Math.max(20, Math.min(64, output.columns() - 14));
  const [first = "", ...rest] = wrap(text, width, 0).split("\n");
  const line = `  ${mark} ${first.padEnd(width)} ${output.paint("dim", shortDuration(ms).padStart(7))}`;
  return [line, ...rest.map((one) => `    ${one}`)];
}

/** What stays when it is over. */
export function endedLines(group: EndedGroup, { output, hosts }: Shown): readonly string[] {
  const isDone = group.events.every(({ outcome }) => outcome.outcome === "done");
  const mark = isDone ? output.paint("green", "✓") : output.paint("red", "✗");
  const where = group.events.map(({ effect }) => effect.host);
  const ms = Math.max(...group.events.map((event) => event.ms));
  const below = [...(group.detail === undefined || !isDone ? [] : [group.detail]), ...reasonsOf(group)];
  return [
    ...stepLines(mark, titleOf(group, where, hosts), ms, output),
    ...below.map((text) => `    ${output.paint(isDone ? "dim" : "red", wrap(text, output.columns(), 4))}`),
  ];
}

/** What is under way: where, for how long, and the last line of each host that says something. */
export function runningLines(group: StepGroup, { output, hosts, now }: Shown): readonly string[] {
  const { running, done, startedAt } = group;
  const names = [...running.keys()];
  const title = titleOf(group, names, hosts);
  const already = done.length === 0 ? "" : ` (${done.length} of ${done.length + names.length} done)`;
  const tails = [...running].filter(([, line]) => line !== "");
  const shown = tails.slice(-mostTails);
  const width = output.columns() - 5;
  const named = shown.map(([host, line]) => clip(hosts.length < 2 ? line : `${host} ${line}`, width));
  return [
    ...stepLines(output.paint("cyan", "▸"), title + already, now() - startedAt, output),
    ...named.map((line) => `    ${output.paint("dim", line)}`),
  ];
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
