import { wrap } from "./wrap.ts";

/** Columns as wide as their widest cell, two spaces apart; nothing is ever cut, so that a name can be grepped. */
export function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  const isNumeric = columns.map((_, index) =>
    rows.every((row) => /^[\d.,]{1,12}%?$|^[\d.,]+ ([MG]B|ms|s)$|^-$/.test(row[index] ?? "")),
  );
  return all
    .map((row) =>
      row
        .map((cell, index) =>
          isNumeric[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same for a screen of `width` columns: what does not fit there follows below its row, named. */
export function fitTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const count = fittingColumns([columns, ...rows], width);
  if (count === columns.length) return renderTable(columns, rows);
  const first = rows.map((row) => row.slice(0, count));
  const [header = "", ...lines] = renderTable(columns.slice(0, count), first).split("\n");
  const below = rows.map((row) => {
    const parts = columns.slice(count).flatMap((name, index) => {
      const cell = row[count + index] ?? "";
      return cell === "" || cell === "-" ? [] : [`${name} ${cell}`];
    });
    return parts.length === 0 ? [] : [`    ${wrap(parts.join(", "), width, 4)}`];
  });
  return [header, ...lines.flatMap((line, index) => [line, ...(below[index] ?? [])])].join("\n");
}

/** How many columns from the left fit beside each other; the first one always does. */
function fittingColumns(rows: readonly (readonly string[])[], width: number): number {
  let used = 0;
  const columns = rows[0]?.length ?? 0;
  for (let index = 0; index < columns; index += 1) {
    used += (index === 0 ? 0 : 2) + Math.max(...rows.map((row) => row[index]?.length ?? 0));
    if (used > width && index > 0) return index;
  }
  return columns;
}

/** Labels in one column, values beside them, long ones folded at words. */
export function renderDetails(details: readonly (readonly [string, string])[], columns = 100): string {
  const width = Math.max(...details.map(([label]) => label.length)) + 2;
  return details
    .flatMap(([label, value]) =>
      fold(value, Math.max(30, columns - width - 2)).map(
        (part, index) => `  ${(index === 0 ? label : "").padEnd(width)}${part}`,
      ),
    )
    .join("\n");
}

function fold(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > width && line !== "") lines.push(line);
    line = longer.length > width ? word : longer;
  }
  return [...lines, line];
}
