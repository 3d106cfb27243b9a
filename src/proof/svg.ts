import { sayAtSwitch } from "./at-switch.ts";
import { costOf } from "./cost.ts";
import type { Proof } from "./proof.ts";
import { gapNotes, gapsOf, type Run, runsOf } from "./runs.ts";
import { colours, escape, milliseconds, nightStyle, soft, text } from "./svg/markup.ts";
import { answersPanel, axisLabels, latencyPanel, panelHeight, type Scene } from "./svg/panels.ts";
import { timeAxis } from "./time-axis.ts";

const width = 960;
const left = 64;
const right = 944;
const gap = 56;
const top = 116;
const noteHeight = 18;
/** Characters of a line; the second one is the last. */
const lineLength = 132;
/** Runs whose p99 are told one by one. */
const mostTold = 5;

/** A self-contained picture of every run: who answered, how fast, and what was lost, slot by slot. */
export function proofSvg(proof: Proof): string {
  const runs = runsOf(proof);
  const [origin, end] = [runs[0]?.from ?? 0, runs.at(-1)?.to ?? 0];
  const axis = timeAxis(runs, { left, right, origin });
  const scene: Scene = { axis, runs, gaps: gapsOf(runs, { from: origin, to: end }) };
  const crossed = runs.flatMap(({ part }) => sayAtSwitch(part.atSwitch ?? []) ?? []);
  const notes = [...gapNotes(scene.gaps, axis, runs), ...crossed.flatMap(linesOf)];
  const bottom = top + 2 * panelHeight + gap;
  const height = bottom + gap + notes.length * noteHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escape(`Proof of deployment ${proof.deployment}: ${proof.verdict}`)}</title>`,
    nightStyle(),
    `<rect width="${width}" height="${height}" fill="${colours.page}"/>`,
    ...heading(proof, runs),
    ...answersPanel(scene, top),
    ...latencyPanel(scene, top + panelHeight + gap),
    ...axisLabels(scene, bottom + 22),
    ...notes.map((note, i) => text(left, bottom + 46 + i * noteHeight, note, soft)),
    "</svg>",
    "",
  ].join("\n");
}

function heading({ deployment, verdict, isEnded, reasons }: Proof, runs: readonly Run[]): string[] {
  const [first = "", ...more] = linesOf(reasons[0] ?? "");
  const second = more.length > 1 ? `${more[0]}…` : (more[0] ?? "");
  const figures = figuresOf(runs);
  const title = `Deployment ${deployment}: ${verdict}${isEnded ? "" : " so far"}`;
  return [
    text(left, 24, title, 'font-size="16" font-weight="600"'),
    text(left, 43, first, soft),
    text(left, 58, second === "" ? figures : second, soft),
    ...(second === "" ? [] : [text(left, 73, figures, soft)]),
  ];
}

function figuresOf(runs: readonly Run[]): string {
  const parts = runs.map(({ part }) => part);
  const longest = milliseconds(costOf(parts).longestGapMs);
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) {
    const p99 = [only.before, only.during, only.after].map(({ p99Ms }) => milliseconds(p99Ms));
    return `longest gap ${longest}; p99 before, during, after: ${p99.join(", ")}`;
  }
  const p99 = parts.slice(0, mostTold).map(({ during }) => milliseconds(during.p99Ms));
  const more = parts.length > mostTold ? "…" : "";
  return `${parts.length} runs; longest gap between two answers ${longest}; p99 during each: ${p99.join(", ")}${more}`;
}

function linesOf(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= lineLength) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
