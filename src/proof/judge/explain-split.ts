import { figure, nameWidth, odds } from "./explain.ts";
import type { SplitVerdict } from "./verdict.ts";

const shown = 3;

/** "split    of 412 requests of web at lb1, h1 got 0 % (told 20 %), h2 100 % (told 80 %): not as told, over a million to 1". */
export function explainSplit(
  split: SplitVerdict | null,
  { unsplit, down }: { readonly unsplit: readonly string[]; readonly down: readonly string[] },
): readonly string[] {
  const line = (text: string): string => `${"split".padEnd(nameWidth)} ${text}`;
  const left = unsplit.map((why) => line(`left out for ${why}`));
  if (split === null || totalOf(split) === 0) return left;
  const shares = `of ${sharesIn(split, (told) => `(told ${told})`)}`;
  if (split.isAsTold) return [line(`${shares}: as told`), ...left];
  const weight = odds({ ln: split.peak, needed: split.needed });
  return [line(`${shares}: not as told, ${weight}`), ...down.map(line), ...left];
}

/** "Of 412 requests of web at lb1, h1 got 0 % instead of 20 %, h2 100 % instead of 80 %." */
export function splitFault(split: SplitVerdict): string {
  return `Of ${sharesIn(split, (told) => `instead of ${told}`)}.`;
}

function sharesIn(split: SplitVerdict, than: (told: string) => string): string {
  const total = totalOf(split);
  const servers = Object.entries(split.expected)
    .map(([server, told]) => ({ server, told, got: total === 0 ? 0 : (split.counts[server] ?? 0) / total }))
    .toSorted((one, other) => missOf(other) - missOf(one));
  const texts = servers.slice(0, shown).map(({ server, told, got }, i) => {
    return `${server} ${i === 0 ? "got " : ""}${percent(got)} ${than(percent(told))}`;
  });
  const more = servers.length > shown ? [`${servers.length - shown} more`] : [];
  const where = split.where === undefined ? "" : ` of ${split.where}`;
  return `${figure(total)} requests${where}, ${[...texts, ...more].join(", ")}`;
}

/** How many times more or less than told. */
function missOf({ told, got }: { readonly told: number; readonly got: number }): number {
  return Math.abs(Math.log(Math.max(got, 0.001) / told));
}

function totalOf({ counts }: SplitVerdict): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}
