/** What a program wrote must not become markup. */
export function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** To a tenth of a pixel. */
export function px(number: number): number {
  return Math.round(number * 10) / 10;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[], name = ""): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
  return `<div class="wide"><table class="${name}"><thead><tr>${cells(head, "th")}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** Round steps of time, about `count` of them in `spanMs`. */
export function ticks(spanMs: number, count: number): readonly number[] {
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000];
  const everyMs =
    steps.find((step) => spanMs / step <= count) ?? 1_800_000 * Math.ceil(spanMs / 1_800_000 / count);
  return Array.from({ length: Math.floor(spanMs / everyMs) + 1 }, (_, i) => i * everyMs);
}

/** "5s", "1m30s": a tick of an axis. */
export function tickText(ms: number): string {
  if (ms < 60_000) return ms === 0 ? "0" : `${ms / 1000}s`;
  const seconds = (ms % 60_000) / 1000;
  return `${Math.floor(ms / 60_000)}m${seconds === 0 ? "" : String(seconds).padStart(2, "0") + "s"}`;
}
