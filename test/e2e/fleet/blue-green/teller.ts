import { styleText } from "node:util";
import { wrap } from "../../../../src/cli/present/wrap.ts";

/** How the play is told to a person: acts, what happens in them, and what cutover prints. */
export interface Teller {
  act(title: string): void;
  say(text: string): void;
  /** A line that cutover has printed. */
  cutover(line: string): void;
  /** A table or a listing, as it is. */
  show(lines: readonly string[]): void;
}

interface Paper {
  readonly isColoured: boolean;
  /** Infinity: lines are not broken. */
  readonly columns: number;
  readonly write: (line: string) => void;
}

export function createTeller({ isColoured, columns, write }: Paper): Teller {
  const paint = (style: "bold" | "dim", text: string): string =>
    isColoured ? styleText(style, text, { validateStream: false }) : text;
  const indent = 3;
  const bar = `${" ".repeat(indent)}${paint("dim", "│")} `;
  return {
    act: (title) => write(`\n${paint("bold", title)}`),
    say: (text) => write(" ".repeat(indent) + wrap(text, columns, indent)),
    cutover(line) {
      const [margin = ""] = /^ */.exec(line) ?? [];
      const text = margin + wrap(line.slice(margin.length), columns - indent - 2, margin.length + 2);
      for (const part of text.split("\n")) write(bar + paint("dim", part));
    },
    show: (lines) => {
      for (const line of lines) write(" ".repeat(indent) + line);
    },
  };
}
