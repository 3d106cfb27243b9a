/** What is drawn in which colour, by day and by night. */
export const colours = {
  page: "#ffffff",
  soft: "#475569",
  shade: "#f1f5f9",
  grid: "#cbd5e1",
  lost: "#dc2626",
  untold: "#cbd5e1",
  span: "#2563eb",
  p50: "#2563eb",
  p99: "#ea580c",
} as const;

const night: Readonly<Record<string, string>> = {
  [colours.page]: "#181f28",
  [colours.soft]: "#93a1b1",
  [colours.shade]: "#232d39",
  [colours.grid]: "#4a5869",
  [colours.lost]: "#f07070",
  [colours.span]: "#5b90f7",
};

export const versionColours: readonly string[] = ["#94a3b8", "#2563eb", "#0d9488", "#c026d3", "#ca8a04"];

export function versionColour(index: number): string {
  return versionColours[index % versionColours.length] ?? "#94a3b8";
}

/** Programs that know no style sheet draw it as by day. */
export function nightStyle(): string {
  const rules = Object.entries(night).flatMap(([day, colour]) => [
    `[fill="${day}"]{fill:${colour}}`,
    `[stroke="${day}"]{stroke:${colour}}`,
  ]);
  return `<style>@media (prefers-color-scheme: dark){text{fill:#e6ebf1}${rules.join("")}}</style>`;
}

export const soft: string = `fill="${colours.soft}"`;

export function text(x: number, y: number, content: string, style: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${style}>${escape(content)}</text>`;
}

/** What a program wrote must not become markup. */
export function escape(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** To a tenth of a pixel. */
export function round(number: number): number {
  return Math.round(number * 10) / 10;
}

export function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
