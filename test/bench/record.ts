import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

const file = join(import.meta.dirname, "../../docs/benchmarks.md");

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** "0.99 (0.97-1.02)": median and spread. */
export function spread(figures: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  return `${median(figures).toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}

/** Aligned as the formatter wants it. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** Prints a section; with CUTOVER_BENCH_RECORD=1 it also replaces the section of that name in docs/benchmarks.md. */
export function report(name: string, title: string, text: string): void {
  const machine = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux, Node ${process.version}`;
  const section = `## ${title}\n\n${machine}. \`npm run bench -- ${name}\`\n\n${text.trim()}\n`;
  console.log(`\n${section}`);
  if (process.env["CUTOVER_BENCH_RECORD"] !== "1") return;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = existsSync(file) ? readFileSync(file, "utf8") : "# Benchmarks\n";
  const block = `${begin}\n\n${section}\n${end}`;
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  const next =
    from < 0 || to < 0
      ? `${old.trimEnd()}\n\n${block}\n`
      : old.slice(0, from) + block + old.slice(to + end.length);
  writeFileSync(file, next);
}
