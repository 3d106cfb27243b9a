import { ticks, tickText } from "./axis.ts";
import type { Proof } from "./proof.ts";
import type { Second } from "./result.ts";

const width = 960;
const left = 64;
const right = 16;
const panel = 150;
const gap = 44;
const top = 64;
const palette = ["#94a3b8", "#2563eb", "#0d9488", "#c026d3", "#ca8a04"];

interface Scale {
  readonly x: (ms: number) => number;
  readonly slots: readonly Slot[];
}

interface Slot extends Second {
  readonly fromMs: number;
  /** The last one is as long as the run still was. */
  readonly ms: number;
}

/** A self-contained picture: who answered, how fast, and what was lost, second by second. */
export function proofSvg(proof: Proof): string {
  const spanMs = Math.max(1000, proof.durationMs);
  const scale: Scale = {
    slots: slotsOf(proof, spanMs),
    x: (ms) => left + (ms / spanMs) * (width - left - right),
  };
  const height = top + 2 * panel + 2 * gap;
  const from = scale.x(proof.window.fromMs);
  const to = scale.x(Math.min(spanMs, proof.window.toMs));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escape(`Proof of deployment ${proof.deployment}: ${proof.verdict}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 24, `${proof.deployment}: ${proof.verdict}`, 'font-size="16" font-weight="600"'),
    text(left, 44, proof.reasons[0] ?? "", 'fill="#475569"'),
    `<rect x="${round(from)}" y="${top}" width="${round(Math.max(1, to - from))}" height="${2 * panel + gap}" fill="#f1f5f9"/>`,
    ...answersPanel(scale, top),
    ...latencyPanel(scale, top + panel + gap),
    ...axis(scale, top + 2 * panel + gap, spanMs),
    "</svg>",
    "",
  ].join("\n");
}

function slotsOf({ seconds, slotMs }: Proof, spanMs: number): readonly Slot[] {
  return seconds.map((second, i) => ({
    ...second,
    fromMs: i * slotMs,
    ms: Math.max(1, Math.min(slotMs, spanMs - i * slotMs)),
  }));
}

/** Answers of each version, stacked, with what was lost on top in red. */
function answersPanel({ x, slots }: Scale, y: number): string[] {
  const rate = (count: number, { ms }: Slot): number => (count * 1000) / ms;
  const most = Math.max(1, ...slots.map((slot) => rate(slot.answered + slot.failed, slot)));
  const versions = [...new Set(slots.flatMap((slot) => Object.keys(slot.versions)))];
  const bars = slots.flatMap((slot) => {
    const told = Object.values(slot.versions).reduce((sum, count) => sum + count, 0);
    const parts: [number, string][] = versions.map((version, v) => [slot.versions[version] ?? 0, colour(v)]);
    parts.push([Math.max(0, slot.answered - told), "#cbd5e1"], [slot.failed, "#dc2626"]);
    const from = x(slot.fromMs);
    const barWidth = Math.max(0.5, x(slot.fromMs + slot.ms) - from - (slots.length > 200 ? 0 : 0.5));
    let base = y + panel;
    return parts.flatMap(([count, fill]) => {
      if (count === 0) return [];
      const height = (rate(count, slot) / most) * panel;
      base -= height;
      return [
        `<rect x="${round(from)}" y="${round(base)}" width="${round(barWidth)}" height="${round(height)}" fill="${fill}"/>`,
      ];
    });
  });
  const legend = [
    ...versions.map((version, v) => [version, colour(v)] as const),
    ["lost", "#dc2626"] as const,
  ];
  return [
    ...bars,
    text(left - 8, y + 10, String(Math.round(most)), 'text-anchor="end" fill="#475569"'),
    text(left, y - 6, "answers per second", 'fill="#475569"'),
    ...legend.flatMap(([name, fill], i) => [
      `<rect x="${left + 150 + i * 150}" y="${y - 15}" width="10" height="10" fill="${fill}"/>`,
      text(left + 165 + i * 150, y - 6, name, ""),
    ]),
  ];
}

function latencyPanel(scale: Scale, y: number): string[] {
  const most = Math.max(1, ...scale.slots.map(({ p99Ms }) => p99Ms ?? 0));
  const line = (pick: (second: Second) => number | null, style: string): string => {
    const points = scale.slots.flatMap((slot) => {
      const ms = pick(slot);
      return ms === null
        ? []
        : [`${round(scale.x(slot.fromMs + slot.ms / 2))},${round(y + panel - (ms / most) * panel)}`];
    });
    return `<polyline points="${points.join(" ")}" fill="none" ${style}/>`;
  };
  return [
    line(({ p99Ms }) => p99Ms, 'stroke="#ea580c" stroke-width="1.5"'),
    line(({ p50Ms }) => p50Ms, 'stroke="#2563eb" stroke-width="1.5"'),
    text(left - 8, y + 10, `${round(most)}`, 'text-anchor="end" fill="#475569"'),
    text(left, y - 6, "latency in ms: p50 blue, p99 orange", 'fill="#475569"'),
  ];
}

function axis({ x }: Scale, y: number, spanMs: number): string[] {
  return [
    `<line x1="${left}" y1="${y}" x2="${width - right}" y2="${y}" stroke="#94a3b8"/>`,
    ...ticks(spanMs, 8).map((ms) =>
      text(round(x(ms)), y + 16, tickText(ms), 'text-anchor="middle" fill="#475569"'),
    ),
  ];
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

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
