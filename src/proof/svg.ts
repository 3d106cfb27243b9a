import { ticks, tickText } from "./axis.ts";
import type { Proof } from "./proof.ts";
import type { Second } from "./result.ts";

const width = 960;
const left = 64;
const right = 16;
const panel = 150;
const gap = 56;
const top = 116;
/** Characters of a line; the second one is the last. */
const lineLength = 146;
const nameLength = 28;
const palette = ["#94a3b8", "#2563eb", "#0d9488", "#c026d3", "#ca8a04"];
const soft = 'fill="#475569"';

interface Scale {
  readonly x: (ms: number) => number;
  readonly proof: Proof;
}

/** A self-contained picture: who answered, how fast, and what was lost, slot by slot. */
export function proofSvg(proof: Proof): string {
  const spanMs = Math.max(1000, proof.durationMs);
  const x = (ms: number): number => left + (Math.min(ms, spanMs) / spanMs) * (width - left - right);
  const scale: Scale = { proof, x };
  const height = top + 2 * panel + 2 * gap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escape(`Proof of deployment ${proof.deployment}: ${proof.verdict}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...heading(proof),
    ...windowShade(scale, top),
    ...answersPanel(scale, top),
    ...windowShade(scale, top + panel + gap),
    ...latencyPanel(scale, top + panel + gap),
    ...axis(scale, top + 2 * panel + gap, spanMs),
    "</svg>",
    "",
  ].join("\n");
}

function heading({ deployment, verdict, reasons, during, before, after }: Proof): string[] {
  const [first = "", ...more] = linesOf(reasons[0] ?? "");
  const second = more.length > 1 ? `${more[0]}…` : (more[0] ?? "");
  const p99 = [before, during, after].map(({ p99Ms }) => milliseconds(p99Ms)).join(", ");
  const figures = `longest gap ${milliseconds(during.longestGapMs)}; p99 before, during, after: ${p99}`;
  return [
    text(left, 26, `Deployment ${deployment}: ${verdict}`, 'font-size="16" font-weight="600"'),
    text(left, 46, first, soft),
    text(left, 62, second === "" ? figures : second, soft),
    ...(second === "" ? [] : [text(left, 78, figures, soft)]),
  ];
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

/** The deployment: shaded, and underlined where bars hide the shade. */
function windowShade({ x, proof }: Scale, y: number): string[] {
  const from = x(proof.window.fromMs);
  const over = `x="${round(from)}" width="${round(Math.max(1, x(proof.window.toMs) - from))}"`;
  return [
    `<rect ${over} y="${y}" height="${panel}" fill="#f1f5f9"/>`,
    `<rect ${over} y="${y + panel + 1}" height="3" fill="#2563eb"/>`,
  ];
}

/** Answers of each version, stacked, with what was lost on top in red. */
function answersPanel({ x, proof }: Scale, y: number): string[] {
  const { seconds, slotMs, durationMs } = proof;
  const most = Math.max(1, ...seconds.map(({ answered, failed }) => answered + failed));
  const versions = [...new Set(seconds.flatMap((second) => Object.keys(second.versions)))];
  const bars = seconds.flatMap((second, i) => {
    const told = Object.values(second.versions).reduce((sum, count) => sum + count, 0);
    const parts: [number, string][] = versions.map((version, v) => [
      second.versions[version] ?? 0,
      colour(v),
    ]);
    parts.push([Math.max(0, second.answered - told), "#cbd5e1"], [second.failed, "#dc2626"]);
    const from = x(i * slotMs);
    const barWidth = x(Math.min(durationMs, (i + 1) * slotMs)) - from - (seconds.length > 200 ? 0 : 0.5);
    let base = y + panel;
    return parts.flatMap(([count, fill]) => {
      if (count === 0) return [];
      // One lost request among thousands has to be seen.
      const height = Math.max(fill === "#dc2626" ? 2 : 0, (count / most) * panel);
      base = Math.max(y, base - height);
      return [
        `<rect x="${round(from)}" y="${round(base)}" width="${round(Math.max(0.5, barWidth))}" height="${round(height)}" fill="${fill}"/>`,
      ];
    });
  });
  return [
    ...bars,
    text(left - 8, y + 10, perSecond(most, slotMs), `text-anchor="end" ${soft}`),
    text(left - 8, y + panel, "0", `text-anchor="end" ${soft}`),
    text(left, y - 10, "answers per second", soft),
    ...legend([...versions.map((version, v) => [version, colour(v)] as const), ["lost", "#dc2626"]], y - 10),
    text(width - right, y - 10, "underlined: the deployment", `text-anchor="end" ${soft}`),
  ];
}

function perSecond(count: number, slotMs: number): string {
  return String(Number(((count * 1000) / slotMs).toPrecision(3)));
}

/** Side by side, as many as there is room for. */
function legend(names: readonly (readonly [string, string])[], y: number): string[] {
  let at = left + 140;
  return names.flatMap(([name, fill]) => {
    const shown = name.length > nameLength ? `${name.slice(0, nameLength)}…` : name;
    const from = at;
    at += 36 + shown.length * 7.2;
    if (at > width - right - 170) return [];
    return [
      `<rect x="${round(from)}" y="${y - 10}" width="10" height="10" fill="${fill}"/>`,
      text(round(from + 15), y, shown, ""),
    ];
  });
}

function latencyPanel({ x, proof }: Scale, y: number): string[] {
  const { seconds, slotMs, durationMs } = proof;
  const most = Math.max(1, ...seconds.map(({ p99Ms }) => p99Ms ?? 0));
  const line = (pick: (second: Second) => number | null, style: string): string => {
    const points = seconds.flatMap((second, i) => {
      const ms = pick(second);
      const middle = (i * slotMs + Math.min(durationMs, (i + 1) * slotMs)) / 2;
      return ms === null ? [] : [`${round(x(middle))},${round(y + panel - (ms / most) * panel)}`];
    });
    return `<polyline points="${points.join(" ")}" fill="none" ${style}/>`;
  };
  return [
    line(({ p99Ms }) => p99Ms, 'stroke="#ea580c" stroke-width="1.5"'),
    line(({ p50Ms }) => p50Ms, 'stroke="#2563eb" stroke-width="1.5"'),
    text(left - 8, y + 10, milliseconds(most), `text-anchor="end" ${soft}`),
    text(left - 8, y + panel, "0", `text-anchor="end" ${soft}`),
    text(left, y - 10, `latency: p50 blue, p99 orange, of every ${tickText(slotMs)}`, soft),
  ];
}

function axis({ x }: Scale, y: number, spanMs: number): readonly string[] {
  return ticks(spanMs, 8).map((ms) =>
    text(round(x(ms)), y + 22, tickText(ms), `text-anchor="middle" ${soft}`),
  );
}

function colour(index: number): string {
  return palette[index % palette.length] ?? "#94a3b8";
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text x="${x}" y="${y}" ${style}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
