import { ticks, tickText } from "../../../proof/axis.ts";
import type { Proof } from "../../../proof/proof.ts";
import type { Second } from "../../../proof/result.ts";
import { escape, px } from "./markup.ts";

const width = 960;
const left = 60;
const right = 12;
const panel = 130;
const top = 10;
const bottom = 26;
/** More bars than this cannot be told apart. */
const mostBars = 240;

interface Scale {
  readonly x: (ms: number) => number;
  /** Length of one bar. */
  readonly everyMs: number;
  readonly bars: readonly Second[];
  readonly proof: Proof;
}

function scaleOf(proof: Proof): Scale {
  const per = Math.max(1, Math.ceil(proof.seconds.length / mostBars));
  const everyMs = per * proof.slotMs;
  const bars = Array.from({ length: Math.ceil(proof.seconds.length / per) }, (_, i) =>
    together(proof.seconds.slice(i * per, (i + 1) * per)),
  );
  const spanMs = Math.max(1000, proof.durationMs);
  return { proof, bars, everyMs, x: (ms) => left + (Math.min(ms, spanMs) / spanMs) * (width - left - right) };
}

/** Latencies of the slowest second. */
function together(seconds: readonly Second[]): Second {
  const versions: Record<string, number> = {};
  for (const second of seconds)
    for (const [version, answers] of Object.entries(second.versions))
      versions[version] = (versions[version] ?? 0) + answers;
  const sum = (pick: (second: Second) => number): number => seconds.reduce((all, one) => all + pick(one), 0);
  const most = (pick: (second: Second) => number | null): number | null => {
    const known = seconds.flatMap((second) => pick(second) ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    answered: sum(({ answered }) => answered),
    failed: sum(({ failed }) => failed),
    p50Ms: most(({ p50Ms }) => p50Ms),
    p99Ms: most(({ p99Ms }) => p99Ms),
    versions,
  };
}

/** "second by second", or how long each bar is. */
export function barText(proof: Proof): string {
  const { everyMs } = scaleOf(proof);
  return everyMs === 1000 ? "second by second" : `in steps of ${tickText(everyMs)}`;
}

/** Who answered, as shares of each bar, what was lost on top. */
export function shareSvg(proof: Proof): string {
  const scale = scaleOf(proof);
  const versions = versionsOf(proof);
  const bars = scale.bars.flatMap((bar, i) => shareBars(bar, i, { scale, versions }));
  const legend = [
    ...versions.map((version, i) => [version, `v${i % 6}`] as const),
    ...(versions.length === 0 ? [["answered; the program does not tell its release", "none"] as const] : []),
    ["lost", "lost"] as const,
  ];
  return [
    frame("Share of the answers by release", scale),
    `<text class="axis" x="${left - 8}" y="${top + 9}" text-anchor="end">100%</text>`,
    `<text class="axis" x="${left - 8}" y="${top + panel}" text-anchor="end">0</text>`,
    ...bars,
    "</svg></div>",
    `<ul class="legend">${legend.map(([text, name]) => `<li><i class="${name}"></i>${escape(text)}</li>`).join("")}</ul>`,
  ].join("\n");
}

function versionsOf({ seconds }: Proof): readonly string[] {
  return [...new Set(seconds.flatMap((second) => Object.keys(second.versions)))];
}

function shareBars(
  bar: Second,
  index: number,
  { scale, versions }: { readonly scale: Scale; readonly versions: readonly string[] },
): readonly string[] {
  const { x, everyMs } = scale;
  const total = bar.answered + bar.failed;
  if (total === 0) return [];
  const told = Object.values(bar.versions).reduce((sum, count) => sum + count, 0);
  const parts: readonly (readonly [number, string])[] = [
    ...versions.map((version, i) => [bar.versions[version] ?? 0, `v${i % 6}`] as const),
    [Math.max(0, bar.answered - told), "none"],
    [bar.failed, "lost"],
  ];
  const from = x(index * everyMs);
  const barWidth = Math.max(0.5, x((index + 1) * everyMs) - from - (scale.bars.length > 120 ? 0 : 1));
  let base = top + panel;
  return parts.flatMap(([count, name]) => {
    if (count === 0) return [];
    // One lost request among thousands has to be seen.
    const height = Math.max(name === "lost" ? 3 : 0, (count / total) * panel);
    base = Math.max(top, base - height);
    return [
      `<rect class="${name}" x="${px(from)}" y="${px(base)}" width="${px(barWidth)}" height="${px(height)}"><title>${count} of ${total}</title></rect>`,
    ];
  });
}

/** p50 and p99 of each bar. */
export function latencySvg(proof: Proof): string {
  const scale = scaleOf(proof);
  const most = Math.max(1, ...scale.bars.map(({ p99Ms }) => p99Ms ?? 0));
  const line = (name: string, pick: (bar: Second) => number | null): string => {
    const points = scale.bars.flatMap((bar, i) => {
      const ms = pick(bar);
      if (ms === null) return [];
      return [`${px(scale.x((i + 0.5) * scale.everyMs))},${px(top + panel - (ms / most) * panel)}`];
    });
    return `<polyline class="line ${name}" points="${points.join(" ")}"/>`;
  };
  return [
    frame("Latency of the answers", scale),
    `<text class="axis" x="${left - 8}" y="${top + 9}" text-anchor="end">${most < 10 ? most.toFixed(1) : most.toFixed(0)} ms</text>`,
    `<text class="axis" x="${left - 8}" y="${top + panel}" text-anchor="end">0</text>`,
    line("p99", ({ p99Ms }) => p99Ms),
    line("p50", ({ p50Ms }) => p50Ms),
    "</svg></div>",
    '<ul class="legend"><li><i class="p50"></i>p50</li><li><i class="p99"></i>p99</li></ul>',
  ].join("\n");
}

/** Axis and the deployment as a shade; leaves the svg open. */
function frame(label: string, { x, proof }: Scale): string {
  const from = x(proof.window.fromMs);
  const to = x(proof.window.toMs);
  const axis = ticks(Math.max(1000, proof.durationMs), 8).map(
    (ms) =>
      `<text class="axis" x="${px(x(ms))}" y="${top + panel + 19}" text-anchor="middle">${tickText(ms)}</text>`,
  );
  return [
    `<div class="wide"><svg viewBox="0 0 ${width} ${top + panel + bottom}" role="img" aria-label="${escape(label)}">`,
    `<rect class="window" x="${px(from)}" y="${top}" width="${px(Math.max(1, to - from))}" height="${panel}"/>`,
    `<rect class="span" x="${px(from)}" y="${top + panel + 1}" width="${px(Math.max(2, to - from))}" height="3" rx="1.5"/>`,
    `<line class="grid" x1="${left}" y1="${top + panel}" x2="${width - right}" y2="${top + panel}"/>`,
    ...axis,
  ].join("\n");
}
